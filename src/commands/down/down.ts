// `down`: what the configuration names, what is remembered and what the cluster holds of this project, in one order over all of it.
import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Said } from '../../config/ownership.ts';
import { unknownNames } from '../../config/unknown-name.ts';
import { exitCodes } from '../../engine/verdict.ts';
import type { Config, ObjectRef } from '../../model/config.ts';
import { objectRef } from '../../model/manifests.ts';
import type { KubePort, Ports } from '../../model/ports.ts';
import { type Problem, ProblemError } from '../../model/problems/problem.ts';
import { labelValue } from '../../model/text/fitted-name.ts';
import { lookup } from '../../model/text/lookup.ts';
import { complaint } from '../../session/end/complaint.ts';
import { endKilled } from '../../session/project-lock.ts';
import { socketPath } from '../../session/requests/socket-path.ts';
import { loaded } from '../../sources/config-load.ts';
import { type DeployedNotes, nothing as forgotten, mayBeThere, placeOf, union } from '../../update/deploy/notes.ts';
import { type Labelled, labelled } from '../../update/deploy/objects/by-label.ts';
import { type Part, sayingOf, staysBehind } from '../../update/deploy/objects/deletable.ts';
import { deleteParts } from '../../update/deploy/objects/delete.ts';
import { namespacedKinds, placedRefs } from '../../update/deploy/objects/namespaces.ts';
import { nameOf } from '../../update/deploy/objects/ownership.ts';
import { claimsOf } from '../../update/deploy/objects/volume-claims.ts';
import { notedSession } from '../../update/deploy/session-note.ts';
import { withoutBuilders } from '../../update/image/builder/cluster-removal.ts';
import { foreseen, type Wired, wire } from '../../wiring.ts';
import { guardOf } from '../cluster-guard.ts';
import { interruptible } from '../interruptible.ts';
import { servicesDown } from './services.ts';

export interface DownRequest {
  readonly file: string;
  readonly context: string | null;
  readonly namespace: string | null;
  readonly only: readonly string[];
  readonly volumes: boolean;
  readonly namespaces: boolean;
  /** What `builder: cluster` put there as well. */
  readonly builder: boolean;
  /** Of Compose: images too, and containers of services that are in its files no more. */
  readonly images: 'local' | 'all' | null;
  readonly orphans: boolean;
  /** Seconds that its containers are given, null for their own. */
  readonly graceS: number | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (text: string) => void;
}

/** Resolves with the exit code once all is gone. */
export const takeDown = (request: DownRequest): Promise<number> =>
  interruptible((stop) => takeDownWired(request, stop));

async function takeDownWired(request: DownRequest, stop: AbortSignal): Promise<number> {
  const wired = wire({ ...request, dir: dirname(request.file), spills: false });
  foreseen(request.file, wired.ports);
  const lines = wired.ports.logs.lines$.subscribe((batch) => {
    for (const { resource, text } of batch) request.say(`${resource}: ${text}`);
  });
  try {
    await endKilled({ file: request.file, socket: socketPath(request.file, request.env), say: request.say, stop });
    return await takeDownAll(request, wired, stop);
  } finally {
    // Lines written in this turn are told in the next.
    await new Promise((resolve) => setImmediate(resolve));
    lines.unsubscribe();
    await wired.close();
  }
}

async function takeDownAll(request: DownRequest, wired: Wired, stop: AbortSignal): Promise<number> {
  const { ports, notes } = wired;
  const known = await knownOf(request, ports, stop);
  if ('problems' in known) return exitCodes.usage;
  const { config, said } = known;
  if (config && said.kubernetes === null) unknownAmong(request.only, new Set(config.order));
  const hadServices = config ? await servicesDown(config, request, ports, stop) : false;
  if (said.kubernetes === null) return hadServices ? exitCodes.ok : nothing(request);
  wired.pin(said.kubernetes.context);
  const kube = await ports.kube();
  const problem = guardOf(said.kubernetes, kube.info);
  if (problem) throw new ProblemError(problem);
  const namespace = request.namespace ?? said.kubernetes.namespace ?? kube.info.namespace;
  const from = { namespace, config: basename(request.file) };
  const found = await labelled(kube, said.project, from, stop);
  const all: Everything = { request, config, said, kube, namespace, notes, found, ports, stop };
  const parts = await partsOf(all);
  const options = { project: said.project, volumes: request.volumes, namespaces: request.namespaces, wait: true };
  const { deleted, refused } = await deleteParts(kube, parts, options, ports, stop);
  const claims = request.volumes ? await claimsLeft(all) : 0;
  const builders = request.builder ? await withoutBuilders(kube, config, namespace, request.say, stop) : 0;
  await forget(parts, refused, all);
  for (const each of refused) process.stderr.write(complaint(each));
  if (refused.length > 0) return exitCodes.deploy;
  return deleted.length + claims + builders === 0 && !hadServices ? nothing(request) : exitCodes.ok;
}

type Known = { readonly config: Config | null; readonly said: Said } | { readonly problems: readonly Problem[] };

/** A configuration that cannot be used must not keep its objects up: what it still says, or said when it last could, will do. */
async function knownOf({ file, env, namespace }: DownRequest, ports: Ports, stop: AbortSignal): Promise<Known> {
  const found = await loaded({ file, env, namespace }, ports, stop);
  const dir = await realpath(dirname(file)).catch(() => dirname(file));
  const noted = () => notedSession(ports.disk, dir, basename(file));
  if (!('problems' in found)) {
    const { project, kubernetes } = found.config;
    return { config: found.config, said: { project, kubernetes: kubernetes ?? (await noted())?.kubernetes ?? null } };
  }
  for (const problem of found.problems) process.stderr.write(complaint(problem));
  const said = found.said ?? (await noted());
  return said ? { config: null, said } : found;
}

function nothing(request: DownRequest): number {
  request.say('nothing to take down');
  return exitCodes.ok;
}

interface Everything {
  readonly request: DownRequest;
  readonly config: Config | null;
  readonly said: Said;
  readonly kube: KubePort;
  readonly namespace: string;
  readonly notes: DeployedNotes;
  readonly found: readonly Labelled[];
  readonly ports: Ports;
  readonly stop: AbortSignal;
}

/** Of each resource what its manifests name, what it had deployed when they were others, and what the cluster knows. */
async function partsOf({ request, config, kube, namespace, notes, found, stop }: Everything): Promise<Part[]> {
  const noted = await notes.all(placeOf(kube.info, namespace));
  const names = [...new Set([...(config?.order ?? []), ...noted.keys()])];
  const known = new Set(names.map(labelValue));
  names.push(...new Set(found.map(({ resource }) => resource).filter((label) => !known.has(label))));
  unknownAmong(request.only, new Set(names));
  // What a resource needs may be needed by others too: only what was named goes.
  const wanted = request.only.length > 0 ? names.filter((name) => request.only.includes(name)) : names;
  const isNamespaced = namespacedKinds(kube, [], stop);
  const placed = (refs: readonly ObjectRef[]) => placedRefs(refs, namespace, isNamespaced);
  const parts = wanted.map(async (resource): Promise<Part[]> => {
    const spec = lookup(config?.resources, resource);
    const note = noted.get(resource) ?? forgotten;
    const current = spec?.kind === 'kubernetes' ? spec.objects.map(({ object }) => objectRef(object)) : [];
    const labelled = found.filter((each) => each.resource === labelValue(resource)).map(({ ref }) => ref);
    const earlier = union(await placed(mayBeThere(note)), await placed(note.kept), labelled);
    const base = {
      resource,
      remembered: [...note.objects, ...note.kept],
      ...(spec ? { needs: spec.needs.map(({ name }) => name) } : {}),
    };
    const named = await placed(current);
    const others = union(named, earlier).slice(named.length);
    return [
      { ...base, refs: others },
      { ...base, refs: named, ofAnyResource: true },
    ];
  });
  return (await Promise.all(parts)).flat();
}

function unknownAmong(only: readonly string[], names: ReadonlySet<string>): void {
  const [unknown] = unknownNames(only, [...names]);
  if (unknown) throw new ProblemError(unknown);
}

/** What stays behind is remembered, for a later `--volumes` or `--namespaces`; so is what could not go. */
async function forget(parts: readonly Part[], refused: readonly Problem[], all: Everything): Promise<void> {
  const { request, kube, namespace, notes } = all;
  const isLeft = (ref: ObjectRef): boolean =>
    staysBehind(ref, request) || refused.some(({ what }) => what.startsWith(`${nameOf(ref)} `));
  for (const resource of new Set(parts.map((part) => part.resource))) {
    const refs = union(...parts.filter((part) => part.resource === resource).map((part) => part.refs)).filter(isLeft);
    const note = refs.length > 0 ? { ...forgotten, kept: refs } : null;
    await notes.write(placeOf(kube.info, namespace), resource, note);
  }
}

/** Sets that an earlier `down` took away have left their claims behind. */
async function claimsLeft({ request, config, said, kube, namespace, ports, stop }: Everything): Promise<number> {
  let count = 0;
  for (const spec of Object.values(config?.resources ?? {})) {
    const isWanted = request.only.length === 0 || request.only.includes(spec.name);
    for (const { object } of spec.kind === 'kubernetes' && isWanted ? spec.objects : []) {
      if (object.kind !== 'StatefulSet' || (await kube.get(objectRef(object, namespace), stop))) continue;
      const set = { ...object, metadata: { namespace, ...object.metadata } };
      for (const { ref } of await claimsOf(kube, set, said.project, stop)) {
        await kube.delete(ref, stop);
        sayingOf(spec.name, ports)(`deleted ${nameOf(ref)}`);
        count++;
      }
    }
  }
  return count;
}
