// One connection joined to a pod. A program that is being restarted refuses for a moment: until the pod has answered, what the
// client said is kept, so that it can be said again to the next attempt.
import { type Duplex, finished } from 'node:stream';
import { limits } from '../model/limits.ts';
import { onAbort } from '../operators/promises/on-abort.ts';

/** What a client has said before anybody answered; null once somebody has, or when it is too much to keep. */
export interface Said {
  chunks: Buffer[] | null;
}

/**
 * Carries bytes both ways until both sides have ended or one has broken. Rejects when the pod was lost before it said anything and
 * the client can be joined to another; otherwise both ends are closed by then. `answered` is called when the pod says its first
 * word. Aborting closes the far end.
 */
export function tunnel(
  client: Duplex,
  pod: Duplex,
  said: Said,
  answered: () => void,
  stop: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const toPod = (chunk: Buffer): void => {
      if (said.chunks) keep(said, chunk);
      if (!pod.write(chunk)) client.pause();
    };
    const toClient = (chunk: Buffer): void => {
      if (said.chunks) answered();
      said.chunks = null;
      if (!client.write(chunk)) pod.pause();
    };
    const ended = (): void => void pod.end();
    const off = onAbort(stop, () => void pod.destroy());
    const close = finished(pod, (error) => {
      client.off('data', toPod).off('end', ended).off('drain', resume);
      client.pause();
      off();
      close();
      if (error && said.chunks && !client.destroyed && !stop.aborted) return reject(error);
      // What was written is still delivered.
      if (error) client.destroy();
      else client.end();
      resolve();
    });
    const resume = (): void => void pod.resume();
    pod.on('error', () => {});
    pod.on('data', toClient).on('drain', () => client.resume());
    pod.on('end', () => client.end());
    for (const chunk of said.chunks ?? []) pod.write(chunk);
    client.on('data', toPod).on('drain', resume);
    if (client.readableEnded) pod.end();
    else client.once('end', ended);
    client.resume();
  });
}

function keep(said: Said, chunk: Buffer): void {
  said.chunks?.push(chunk);
  const bytes = said.chunks?.reduce((sum, { length }) => sum + length, 0) ?? 0;
  if (bytes > limits.forwardReplayBytes) said.chunks = null;
}
