// Which images `up` would build: what goes into them now, compared with what was built here before. Builds nothing.

import { isRemote } from '../../model/builds/who-builds.ts';
import type { ImageSpec } from '../../model/config.ts';
import type { RegistryPort } from '../../model/ports/registry.ts';
import type { DiskPort, DockerPort } from '../../model/ports.ts';
import { isProblemError, type SourcePos } from '../../model/problems/problem.ts';
import type { BuiltImage } from '../../model/run.ts';
import { inputOf } from '../../update/image/known/input-digest.ts';
import type { ImageCache } from '../../update/image/known/known-images.ts';
import { isUsedFromRegistry } from '../../update/image/known/whereabouts.ts';
import { type Destination, isDelivered, repositoryOf, withoutTag } from '../../update/image/registry.ts';

export interface ImagePlan {
  readonly ref: string;
  /** `keep`: the one built before is used again · `push`: it is, and pushed once more · `elsewhere`: not ours to build. */
  readonly action: 'build' | 'keep' | 'push' | 'elsewhere' | 'unknown';
  readonly why: string;
  /** Images of ours that it is built from: each is built before it. */
  readonly bases: readonly string[];
  /** The image that would be used again. */
  readonly tagged?: string;
  readonly at: SourcePos;
}

export interface ImagePlanning {
  readonly disk: DiskPort;
  readonly cache: ImageCache;
  /** Null: not there. */
  readonly docker: DockerPort | null;
  readonly registry: () => Promise<RegistryPort>;
  /** Null: not to be known without Docker and the cluster. */
  readonly destination: Destination | null;
  readonly stop: AbortSignal;
  /** Images of ours that others are built from. */
  readonly bases: ReadonlySet<string>;
  /** Plans so far, bases before what is built from them. */
  readonly done: Map<string, { readonly plan: ImagePlan; readonly id: string | null }>;
}

/** `isDeployed` false: only a base of others, never pushed. */
export async function planImage(spec: ImageSpec, isDeployed: boolean, planning: ImagePlanning): Promise<ImagePlan> {
  const { ref, at, bases } = spec;
  const known = planning.done.get(ref);
  if (known) return known.plan;
  const { built, ...found } = await decide(spec, isDeployed, planning).catch((error: unknown): Decision => {
    if (!isProblemError(error)) throw error;
    return { action: 'unknown', why: error.problem.what };
  });
  const plan = { ref, ...found, bases, ...(built ? { tagged: built.tagged } : {}), at };
  planning.done.set(ref, { plan, id: built?.id ?? null });
  return plan;
}

type Decision = Pick<ImagePlan, 'action' | 'why'> & { readonly built?: BuiltImage };

async function decide(spec: ImageSpec, isDeployed: boolean, planning: ImagePlanning): Promise<Decision> {
  if (spec.build.is === 'elsewhere') return { action: 'elsewhere', why: 'built elsewhere, only updated in place' };
  const bases = spec.bases.map((ref) => planning.done.get(ref));
  const newBase = bases.find((base) => base?.plan.action === 'build')?.plan;
  if (newBase) return { action: 'build', why: `it is built from ${newBase.ref}` };
  const unknownBase = bases.find((base) => base?.plan.action === 'unknown')?.plan;
  if (unknownBase) return { action: 'unknown', why: `it is built from ${unknownBase.ref}` };
  const ids = bases.map((base) => base?.id ?? '');
  const { digest, entries } = await inputOf(spec, ids, planning.disk, planning.stop);
  const count = entries.filter(({ type }) => type !== 'dir').length;
  const files = `${count} ${count === 1 ? 'file' : 'files'}`;
  const before = await planning.cache.remembered(spec.ref);
  if (before.length === 0) return { action: 'build', why: `not built here yet (${files})` };
  const same = before.filter(({ inputDigest }) => inputDigest === digest);
  if (same.length === 0) return { action: 'build', why: `what goes into it changed since its last build (${files})` };
  return reuse(spec, same, isDeployed, planning);
}

async function reuse(
  spec: ImageSpec,
  same: readonly BuiltImage[],
  isDeployed: boolean,
  { docker, registry, destination, bases, stop }: ImagePlanning,
): Promise<Decision> {
  if (isRemote(spec.build)) return reuseRemote(spec, same, { registry, destination, stop });
  if (!docker) return { action: 'unknown', why: 'cannot tell whether Docker still has it: Docker is not there' };
  if (!destination) return { action: 'unknown', why: 'cannot tell where it goes: the cluster is not there' };
  const repository = repositoryOf(spec.ref, destination.host);
  const built = same.find(({ tagged }) => withoutTag(tagged) === repository);
  if (!built) return { action: 'build', why: `not built for ${repository} yet` };
  const isPushed = isDeployed && destination.push;
  const isServed = isPushed && built.pushed !== null && (await isDelivered(built.tagged, docker, stop));
  const keep = { action: 'keep', why: 'unchanged since its last build', built } as const;
  if (isServed && isUsedFromRegistry(spec, built, destination, bases.has(spec.ref))) return keep;
  if ((await docker.image(built.id)) === null) return { action: 'build', why: 'Docker no longer has it' };
  if (isPushed && !isServed)
    return { action: 'push', why: 'unchanged since its last build, but not in the registry', built };
  return keep;
}

/** What a BuildKit outside of Docker built is where it was pushed to, or nowhere. */
async function reuseRemote(
  spec: ImageSpec,
  same: readonly BuiltImage[],
  { registry, destination, stop }: Pick<ImagePlanning, 'registry' | 'destination' | 'stop'>,
): Promise<Decision> {
  if (!destination) return { action: 'unknown', why: 'cannot tell where it goes: the cluster is not there' };
  const repository = repositoryOf(spec.ref, destination.host);
  const built = same.find(({ tagged }) => withoutTag(tagged) === repository);
  if (!built) return { action: 'build', why: `not built for ${repository} yet` };
  const isThere = await (await registry()).has(built.tagged, stop);
  if (isThere === null) return { action: 'unknown', why: 'its registry does not tell whether it still has it' };
  if (!isThere) return { action: 'build', why: 'the registry no longer has it' };
  return { action: 'keep', why: 'unchanged since its last build', built };
}
