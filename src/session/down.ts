// `down`: what the configuration's manifests name, as far as sluice made it, in reverse order of resources and kinds.
import { dirname } from 'node:path';
import { deleteClaims, deleteObjects, sayingOf, staysBehind } from '../build/delete.ts';
import { type DeployedNotes, nothing as forgotten, mayBeThere, placeOf, union } from '../build/deployed-notes.ts';
import { namespacedKinds, placedRefs } from '../build/placing.ts';
import { loadConfig } from '../config/load.ts';
import { wantedNames } from '../engine/fold/config.ts';
import { guardProblem } from '../engine/reach.ts';
import { seed } from '../engine/reduce.ts';
import type { Config, KubeSpec, ObjectRef } from '../model/config.ts';
import { lookup } from '../model/lookup.ts';
import { objectRef } from '../model/manifests.ts';
import type { KubePort, Ports } from '../model/ports.ts';
import { ProblemError } from '../model/problem.ts';
import { wire } from '../wiring.ts';
import { complaint } from './complaint.ts';
import { interruptible } from './interrupt.ts';

export interface DownRequest {
  readonly file: string;
  readonly context: string | null;
  readonly namespace: string | null;
  readonly only: readonly string[];
  readonly volumes: boolean;
  readonly namespaces: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (text: string) => void;
}

/** Resolves with the exit code once all is gone. */
export const takeDown = (request: DownRequest): Promise<number> => interruptible((stop) => takeAllDown(request, stop));

async function takeAllDown(request: DownRequest, stop: AbortSignal): Promise<number> {
  const wired = wire({ ...request, dir: dirname(request.file), spill: null });
  const { ports } = wired;
  const lines = ports.logs.lines$.subscribe((batch) => {
    for (const { resource, text } of batch) request.say(`${resource}: ${text}`);
  });
  try {
    const loaded = await loadConfig(
      { file: request.file, env: request.env, namespace: request.namespace },
      ports,
      stop,
    );
    if ('problems' in loaded) {
      for (const problem of loaded.problems) process.stderr.write(complaint(problem));
      return 2;
    }
    const { config } = loaded;
    const names = chosen(config, request.only);
    if (config.kubernetes === null) return nothing(request);
    wired.pin(config.kubernetes?.context ?? null);
    const kube = await ports.kube();
    const problem = guardProblem({
      ...seed,
      config: { ...seed.config, current: config },
      cluster: { ok: true, status: 'ok', info: kube.info },
    });
    if (problem) throw new ProblemError(problem);
    const namespace = request.namespace ?? config.kubernetes?.namespace ?? kube.info.namespace;
    const all = { config, kube, namespace, notes: wired.notes, stop };
    const lost = request.only.length > 0 ? [] : await lostResources(all);
    let deleted = 0;
    for (const name of [...lost, ...names.reverse()]) deleted += await takeDownOne(name, request, all, ports);
    await new Promise((resolve) => setImmediate(resolve));
    if (deleted === 0) return nothing(request);
    return 0;
  } finally {
    lines.unsubscribe();
    await wired.close();
  }
}

function nothing(request: DownRequest): number {
  request.say('nothing to take down');
  return 0;
}

function chosen(config: Config, only: readonly string[]): string[] {
  const unknown = only.find((name) => !lookup(config.resources, name));
  if (unknown !== undefined)
    throw new ProblemError({
      kind: 'yours',
      code: 'S623',
      what: `no resource ${unknown}`,
      hint: `there are: ${config.order.join(', ')}`,
    });
  // What a resource needs may be needed by others too: only what was named goes.
  const wanted = only.length > 0 ? new Set(only) : wantedNames(config, []);
  return config.order.filter((name) => wanted.has(name));
}

interface Everything {
  readonly config: Config;
  readonly kube: KubePort;
  readonly namespace: string;
  readonly notes: DeployedNotes;
  readonly stop: AbortSignal;
}

/** Resources that were deployed once and are no longer in the configuration. */
async function lostResources({ config, kube, namespace, notes }: Everything): Promise<readonly string[]> {
  const known = await notes.all(placeOf(kube.info, namespace));
  return [...known.keys()].filter((name) => !lookup(config.resources, name));
}

/** What its manifests name, and what it had deployed when they were others. Returns how many objects went. */
async function takeDownOne(name: string, request: DownRequest, all: Everything, ports: Ports): Promise<number> {
  const { config, kube, namespace, notes, stop } = all;
  const place = placeOf(kube.info, namespace);
  const spec = lookup(config.resources, name);
  const named = spec?.kind === 'kubernetes' ? spec.objects.map(({ object }) => objectRef(object)) : [];
  const note = await notes.recall(place, name);
  const isNamespaced = namespacedKinds(kube, [], stop);
  const placed = (refs: readonly ObjectRef[]) => placedRefs(refs, namespace, isNamespaced);
  const current = await placed(named);
  const earlier = union(current, await placed(mayBeThere(note)), await placed(note.kept)).slice(current.length);
  const { project } = config;
  const remembered = [...note.objects, ...note.kept];
  const options = {
    resource: name,
    project,
    remembered,
    volumes: request.volumes,
    namespaces: request.namespaces,
    wait: true,
  };
  const gone = [
    ...(await deleteObjects(kube, earlier, options, ports, stop)),
    ...(await deleteObjects(kube, current, { ...options, ofAnyResource: true }, ports, stop)),
  ];
  const left = [...current, ...earlier].filter((ref) => staysBehind(ref, options));
  await notes.write(place, name, left.length > 0 ? { ...forgotten, kept: left } : null);
  return gone.length + (request.volumes && spec?.kind === 'kubernetes' ? await claimsLeft(spec, all, name, ports) : 0);
}

/** Sets that an earlier `down` took away have left their claims behind. */
async function claimsLeft(spec: KubeSpec, { kube, namespace, stop }: Everything, name: string, ports: Ports) {
  let count = 0;
  for (const { object } of spec.objects) {
    if (object.kind !== 'StatefulSet' || (await kube.get(objectRef(object, namespace), stop))) continue;
    const set = { ...object, metadata: { namespace, ...object.metadata } };
    count += (await deleteClaims(kube, set, sayingOf(name, ports), stop)).length;
  }
  return count;
}
