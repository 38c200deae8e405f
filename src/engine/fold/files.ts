// files/* and git/*: each batch is one change, numbered here, and routed to the resources whose files it touches.
import type { Action, ChangedPath } from '../../model/fact.ts';
import type { FileChange } from '../../model/run.ts';
import type { EngineState, ImageState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { addFiles, withBehind } from '../resources/resource.ts';
import { replaced } from '../resources/resource-list.ts';
import { those } from '../resources/those.ts';
import { away, mended, troubled, watched } from './file-feed.ts';

export function filesFact(state: EngineState, fact: Extract<Action, { type: `files/${string}` }>): EngineState {
  switch (fact.type) {
    case 'files/watching':
      return watched(state);
    case 'files/settling':
      return { ...state, files: { ...state.files, settling: true, first: fact.first } };
    case 'files/changed':
      return filesChanged(state, fact);
    case 'files/rescanned':
      return state;
    case 'files/troubled':
      return troubled(state, fact.problem);
    case 'files/mended':
      return mended(state);
    case 'files/away':
      return away(state, fact.dir);
  }
}

/** A rebase, a checkout: what is saved in the midst of it is one change. */
export const gitFact = (state: EngineState, fact: Extract<Action, { type: `git/${string}` }>): EngineState => ({
  ...state,
  git: fact.type === 'git/held' ? { held: true, because: fact.because } : { held: false, because: '' },
});

type Changed = Extract<Action, { type: 'files/changed' }>;

function filesChanged(state: EngineState, fact: Changed): EngineState {
  const files = { ...state.files, settling: fact.settling ?? false };
  const hits = fact.changes.filter((change) => change.targets.length > 0);
  if (hits.length === 0) return { ...state, files };
  const change = state.changes.seen + 1;
  const byTarget = grouped(hits, change);
  const config = byTarget.has('config')
    ? { ...state.config, wanted: state.config.wanted + 1, changed: state.config.changed ?? change }
    : state.config;
  const withImages = { ...state, files, config, changes: { seen: change }, images: imagesTouched(state, byTarget) };
  return resourcesTouched(withImages, byTarget, change, fact.at);
}

function grouped(changes: readonly ChangedPath[], change: number): ReadonlyMap<string, readonly FileChange[]> {
  const byTarget = new Map<string, FileChange[]>();
  for (const { targets, ...changed } of changes)
    for (const target of targets) {
      const list = byTarget.get(target) ?? [];
      list.push({ ...changed, change });
      byTarget.set(target, list);
    }
  return byTarget;
}

/** An image takes the changes of its own files and of every image it is built from: live rules may name those too. */
function filesOfImage(
  state: EngineState,
  ref: string,
  byTarget: ReadonlyMap<string, readonly FileChange[]>,
): readonly FileChange[] {
  const found = new Set([ref]);
  // Grows while it is gone through: a base may have bases of its own.
  for (const name of found) for (const base of lookup(state.config.current?.images, name)?.bases ?? []) found.add(base);
  return [...found].flatMap((name) => byTarget.get(`image:${name}`) ?? []);
}

function imagesTouched(
  state: EngineState,
  byTarget: ReadonlyMap<string, readonly FileChange[]>,
): Readonly<Record<string, ImageState>> {
  let images = state.images;
  for (const [ref, image] of Object.entries(state.images)) {
    const changes = filesOfImage(state, ref, byTarget);
    if (changes.length === 0) continue;
    const { files, overflowed } = addFiles(image.files, changes);
    images = { ...images, [ref]: { ...image, files, lost: overflowed ? state.changes.seen + 1 : image.lost } };
  }
  return images;
}

function resourcesTouched(
  state: EngineState,
  byTarget: ReadonlyMap<string, readonly FileChange[]>,
  change: number,
  at: number,
): EngineState {
  const touched = new Map<ResourceState, readonly FileChange[]>();
  for (const [target, files] of byTarget) {
    const name = target.startsWith('local:') ? target.slice('local:'.length) : null;
    const resource = name === null ? undefined : lookup(state.resources, name);
    if (resource?.spec.kind === 'local') touched.set(resource, files);
  }
  for (const resource of deployableIn(state)) {
    const refs = resource.spec.kind === 'local' ? [] : resource.spec.images;
    const files = refs.flatMap((ref) => byTarget.get(`image:${ref}`) ?? []);
    if (files.length > 0) touched.set(resource, files);
  }
  return replaced(
    state,
    [...touched].map(([resource, files]) => changed(resource, files, change, at)),
  );
}

const deployableIn = those(({ spec }: ResourceState) => spec.kind !== 'local');

const changed = (resource: ResourceState, own: readonly FileChange[], change: number, at: number): ResourceState => ({
  ...resource,
  changes: {
    ...resource.changes,
    pending: addFiles(resource.changes.pending, own).files,
    pendingSince: resource.changes.pendingSince ?? at,
    seen: change,
    behind: withBehind(resource.changes.behind, change),
  },
});
