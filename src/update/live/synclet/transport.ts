// How an update reaches the far side: by a session of the pool, made anew where it was lost.
import { containerStatuses } from '../../../model/manifests/workload.ts';
import type { DiskPort, Ports } from '../../../model/ports.ts';
import { isProblemError } from '../../../model/problem.ts';
import type { ContainerTarget } from '../../../model/run.ts';
import { declined, type LiveAnswer, type LiveTransport } from '../transport.ts';
import { LostConnection, type SyncAnswer } from './exchange.ts';
import type { Exec, Synclets } from './pool.ts';
import { NoShell } from './shell.ts';

type Apply = LiveTransport['apply'];

export const kubeExec =
  (ports: Pick<Ports, 'kube'>): Exec =>
  async ({ namespace, pod, name }, cmd, stop) =>
    (await ports.kube()).exec({ namespace, name: pod, container: name }, cmd, { stdin: true }, stop);

/** A session that was open may have died with its API server or network: then the request goes out again, once. */
export const applyKeptOpen =
  (synclets: Synclets, exec: Exec, disk: Pick<DiskPort, 'tar'>): Apply =>
  async (container, request, output, stop) => {
    const once = async (): Promise<SyncAnswer | 'again'> => {
      const { session, isFresh } = await synclets.sessionFor(container, exec, stop);
      try {
        return await session.send(request, disk, output, stop);
      } catch (error) {
        if (error instanceof LostConnection && !isFresh && !error.ran) return 'again';
        throw error;
      }
    };
    return declining(container, async () => {
      const answer = await once();
      return answer === 'again' ? ((await once()) as SyncAnswer) : answer;
    });
  };

/** What the far side cannot do becomes a reason for the next strategy. */
async function declining(container: ContainerTarget, apply: () => Promise<SyncAnswer>): Promise<LiveAnswer> {
  const where = `${container.pod}/${container.name}`;
  try {
    const answer = await apply();
    if (answer.is === 'files-failed') return declined(`${where}: ${filesFailed(answer.code, answer.text)}`);
    if (answer.is === 'restart-failed' && answer.unsupervised) return declined(`${where}: ${unsupervised}`);
    return answer;
  } catch (error) {
    if (error instanceof NoShell)
      return { ...declined(`${where} cannot be updated in place: ${error.message}`), noShell: true };
    if (error instanceof LostConnection && error.ran) return { is: 'lost', because: error.message };
    if (isProblemError(error) && error.problem.kind === 'denied') return declined(`${where}: ${error.problem.what}`);
    if (error instanceof LostConnection) return declined(`${where}: connection lost: ${error.message}`);
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
