// What a document deploys: under `manifests` since v3, under `deploy` before that.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ManifestDraft } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { helmRelease } from './helm.ts';
import { placeIn, type Reading } from './read-context.ts';

export interface Deployed {
  readonly manifests: readonly ManifestDraft[];
  readonly namespace: string | null;
  readonly context: string | null;
}

/** `refs`: names of all artifacts, which releases put into their charts. */
export function deployed(root: Keys, refs: readonly string[], reading: Reading): Deployed {
  const [now, before] = [root.map('manifests'), root.map('deploy')];
  const [kubectl, kustomize] = [before.map('kubectl'), [now.map('kustomize'), before.map('kustomize')]];
  const isBare = [now, before].some((each) => each.names().includes('kustomize') && !each.has('kustomize'));
  const manifests = [
    ...[now, kubectl].flatMap((each, i) => files(each, i === 0 ? 'rawYaml' : 'manifests', reading)),
    ...kustomize.flatMap((each) => overlays(each, reading)),
    ...(isBare ? [{ kustomize: placeIn(reading.file, '.') }] : []),
    ...[now, before].flatMap((each) =>
      each
        .map('helm')
        .maps('releases')
        .flatMap((release) => helmRelease(release, refs, reading)),
    ),
  ];
  const namespace = [kubectl, ...kustomize].map((each) => each.text('defaultNamespace')).find((name) => name !== null);
  const context = before.text('kubeContext');
  return {
    manifests: manifests.length > 0 || !root.has('build') ? manifests : usual(reading),
    namespace: namespace ? reading.templates.text(namespace) : null,
    context: context ? reading.templates.text(context) : null,
  };
}

/** Skaffold's own default. */
function usual({ dir, file }: Reading): readonly ManifestDraft[] {
  const place = placeIn(file, 'k8s');
  return existsSync(join(dir, place)) ? [`${place}/*.yaml`] : [];
}

/** A directory means all that is in it; what comes over the net is left. */
function files(from: Keys, key: string, { dir, file, templates }: Reading): readonly string[] {
  const given = from.texts(key);
  const isRemote = (path: string): boolean => /^[a-z]+:\/\//i.test(path);
  if (given.some(isRemote)) from.leave(key);
  return given.flatMap((path) => {
    const place = isRemote(path) ? null : templates.text(placeIn(file, path));
    if (place === null) return [];
    const isDirectory = statSync(join(dir, place), { throwIfNoEntry: false })?.isDirectory() ?? false;
    return [isDirectory ? `${place.replace(/\/$/, '')}/**/*.{yaml,yml}` : place];
  });
}

function overlays(kustomize: Keys, { file, templates }: Reading): readonly ManifestDraft[] {
  const given = ['paths', 'path', 'kustomizePath'].flatMap((key) => kustomize.texts(key));
  return given.flatMap((path) => {
    const place = templates.text(placeIn(file, path));
    return place === null ? [] : [{ kustomize: place }];
  });
}
