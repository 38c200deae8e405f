// How an update reaches the far side: by a session of the pool, made anew where it was lost.
import { containerStatuses } from '../../../model/manifests/workload.ts';
import type { DiskPort, Ports } from '../../../model/ports.ts';
import { isProblemError } from '../../../model/problems/problem.ts';
import type { ContainerTarget } from '../../../model/run.ts';
import { declined, type LiveAnswer, type LiveTransport } from '../transport.ts';
import type { SyncAnswer } from './exchange.ts';
import type { Exec, Synclets } from './pool.ts';
import type { NoSession } from './shell.ts';

type Apply = LiveTransport['apply'];

export const kubeExec =
  (ports: Pick<Ports, 'kube'>): Exec =>
  async ({ namespace, pod, name }, cmd, stop) =>
    (await ports.kube()).exec({ namespace, name: pod, container: name }, cmd, { stdin: true }, stop);

/** A session that was open may have died with its API server or network: then the request goes out again, once. */
export const applyKeptOpen =
  (synclets: Synclets, exec: Exec, disk: Pick<DiskPort, 'tar'>): Apply =>
  async (container, request, output, stop) => {
    const once = async (): Promise<SyncAnswer | NoSession | 'again'> => {
      const { session, isFresh } = await synclets.sessionFor(container, exec, stop);
      if (session.is !== 'open') return session;
      const answer = await session.send(request, disk, output, stop);
      return answer.is === 'lost' && !answer.ran && !isFresh ? 'again' : answer;
    };
    return declining(container, async () => {
      const answer = await once();
      return answer === 'again' ? ((await once()) as SyncAnswer | NoSession) : answer;
    });
  };

/** What the far side cannot do becomes a reason for the next strategy. */
async function declining(
  container: ContainerTarget,
  apply: () => Promise<SyncAnswer | NoSession>,
): Promise<LiveAnswer> {
  const where = `${container.pod}/${container.name}`;
  try {
    const answer = await apply();
    switch (answer.is) {
      case 'no-shell':
        return { ...declined(`${where} cannot be updated in place: ${answer.because}`), noShell: true };
      case 'lost':
        return answer.ran ? answer : declined(`${where}: connection lost: ${answer.because}`);
      case 'files-failed':
        return declined(`${where}: ${filesFailed(answer.code, answer.text)}`);
      case 'restart-failed':
        return answer.unsupervised ? declined(`${where}: ${unsupervised}`) : answer;
      default:
        return answer;
    }
  } catch (error) {
    if (isProblemError(error) && error.problem.kind === 'denied') return declined(`${where}: ${error.problem.what}`);
    throw error;
  }
}

/** A container that ended or was replaced meanwhile: what takes its place is brought up to date by itself. */
export const isInCluster =
  ({ kube }: Pick<Ports, 'kube'>): LiveTransport['isThere'] =>
  async ({ id, podUid, pod, namespace }, stop) => {
    const found = await (await kube()).get({ apiVersion: 'v1', kind: 'Pod', name: pod, namespace }, stop);
    if (found === null || found.metadata.uid !== podUid || found.metadata.deletionTimestamp) return false;
    return containerStatuses<ContainerStatus>(found).some(
      ({ containerID, state }) => containerID === id && state?.running !== undefined,
    );
  };

interface ContainerStatus {
  readonly containerID?: string;
  readonly state?: { readonly running?: unknown };
}

const unsupervised = 'its process was not started by sluice and cannot be restarted';

function filesFailed(code: number, text: string): string {
  if (code === 100) return unsupervised;
  const last = text.split('\n').at(-1) ?? '';
  if (/read-only file system/i.test(text)) return `its file system is read-only (${last})`;
  if (/permission denied|not permitted/i.test(text)) return `its user may not write there (${last})`;
  return last || `files could not be written (code ${code})`;
}
