// A readiness probe of a pod, asked once, as its kubelet asks it: a kubelet says when a probe begins to fail and when it passes
// again, and nothing while it keeps passing.
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../model/limits.ts';
import type { ProbeQuestion } from '../../model/pods/pod.ts';
import { isProblemError } from '../../model/problems/problem.ts';
import { dialPod } from './dial.ts';
import { execInPod } from './exec.ts';
import type { KubeHttp } from './http.ts';

interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
}

/** True once it passes. Rejects where it may not be asked; whatever else keeps it from passing is a no. */
export async function askProbe(
  http: KubeHttp,
  place: Place,
  question: ProbeQuestion,
  stop: AbortSignal,
): Promise<boolean> {
  try {
    if (question.is === 'http') return await byHttp(http, place, question, stop);
    if (question.is === 'exec') return await byExec(http, place, question.cmd, stop);
    return await byPort(http, place, question.port, stop);
  } catch (error) {
    if (isProblemError(error) && error.problem.kind === 'denied') throw error;
    return false;
  }
}

/** By the API server, which goes to the pod's own address as a kubelet does: a server for its pod alone does not answer there. */
async function byHttp(
  http: KubeHttp,
  { namespace, name }: Place,
  { scheme, port, path }: Extract<ProbeQuestion, { is: 'http' }>,
  stop: AbortSignal,
): Promise<boolean> {
  const of = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${scheme}:${encodeURIComponent(name)}:${port}/proxy`;
  const subject = { verb: 'get', kind: 'pods/proxy', name, namespace };
  const answer = await http.open({ path: `${of}${path}`, subject }, stop);
  answer.destroy();
  return true;
}

async function byExec(http: KubeHttp, place: Place, cmd: readonly string[], stop: AbortSignal): Promise<boolean> {
  const stream = await execInPod(http, place, cmd, {}, stop);
  stream.stdout.resume();
  stream.stderr.resume();
  return (await stream.exit).code === 0;
}

/** A forwarded port says nothing when somebody takes the connection; that nobody does is said at once. */
async function byPort(http: KubeHttp, place: Place, port: number, stop: AbortSignal): Promise<boolean> {
  const stream = await dialPod(http, place, port, stop);
  const refused = new Promise<boolean>((resolve) => {
    stream.on('error', () => resolve(false)).resume();
  });
  try {
    return await Promise.race([refused, sleep(limits.portTakenMs, true, { signal: stop })]);
  } finally {
    stream.destroy();
  }
}
