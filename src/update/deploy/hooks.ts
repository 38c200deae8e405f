// Has the moment of a hook come? An install is a release of which nothing is in the cluster yet; anything later is an upgrade.
import type { Moment, ObjectRef, Release } from '../../model/config.ts';
import type { LogStore } from '../../model/log.ts';
import type { KubePort, Ports } from '../../model/ports.ts';
import type { Deployed, KubeWork, Outcome } from '../../model/run.ts';
import { type IsNamespaced, placedRefs } from './objects/namespaces.ts';
import { ownershipOf } from './objects/ownership.ts';

/** Which releases were installed before this session touched them; a session has one store of logs. */
const known = new WeakMap<LogStore, Map<string, Promise<boolean>>>();

interface Asking {
  readonly work: KubeWork;
  readonly kube: KubePort;
  readonly ports: Ports;
  readonly isNamespaced: IsNamespaced;
  readonly stop: AbortSignal;
}

/** To be asked before anything of a release is applied. False where this hook has nothing to do now, which is told. */
export async function isDue(asking: Asking): Promise<boolean> {
  const { work, ports } = asking;
  const { release, name } = work.spec;
  if (!release) return true;
  const was = await wasInstalled(release, asking);
  if (!release.hook || work.cause === 'trigger' || work.force) return true;
  const moment = await momentOf(release, was, asking);
  if (release.hook.moments.includes(moment)) return true;
  const text = `${name} has nothing to do: it is a hook for ${release.hook.moments.join(' and ')}, and this is an ${moment}`;
  ports.logs.line({ resource: work.resource, source: 'build', run: work.run }, 'info', text, ports.now());
  return false;
}

/** Hooks that come first see for themselves what is there; those that come last are told by what there was at first. */
async function momentOf({ objects, hook }: Release, was: boolean, asking: Asking): Promise<Moment> {
  if (hook?.when === 'before') return (await isInstalled(objects, asking)) ? 'upgrade' : 'install';
  return was || asking.work.cause !== 'first' ? 'upgrade' : 'install';
}

function wasInstalled({ name, objects }: Release, asking: Asking): Promise<boolean> {
  const { logs } = asking.ports;
  const releases = known.get(logs) ?? new Map<string, Promise<boolean>>();
  known.set(logs, releases);
  const asked = releases.get(name) ?? isInstalled(objects, asking);
  releases.set(name, asked);
  asked.catch(() => releases.delete(name));
  return asked;
}

async function isInstalled(
  objects: readonly ObjectRef[],
  { work, kube, isNamespaced, stop }: Asking,
): Promise<boolean> {
  for (const ref of await placedRefs(objects, work.kubernetes.namespace ?? 'default', isNamespaced)) {
    const found = await kube.get(ref, stop);
    if (found && ownershipOf(found, work.project).is === 'ours') return true;
  }
  return false;
}

/** A hook whose moment this is not: nothing of it changes, and nothing waits for it. */
export function leftAlone(work: KubeWork): Outcome {
  const deployed: Deployed = {
    objects: work.deployed?.objects ?? [],
    templates: [],
    namespace: work.kubernetes.namespace ?? 'default',
    alreadyDone: true,
    images: {},
    jobs: work.deployed?.jobs ?? {},
  };
  return { is: 'ok', result: { strategy: 'unchanged', images: [], deployed, ledgers: {}, unchanged: true } };
}
