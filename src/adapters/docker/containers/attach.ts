// The streams of a container, taken before it starts: nothing it says is missed, and it reads what is typed.
import type { Duplex } from 'node:stream';
import type { ExecStream } from '../../../model/ports.ts';
import type { Client } from '../connection/client.ts';
import { failureOf } from '../connection/failure.ts';
import { outputOf } from './command-output.ts';

export async function attach(client: Client, id: string, tty: boolean, stop: AbortSignal): Promise<ExecStream> {
  const container = client.docker.getContainer(id);
  const options = { stream: true, hijack: true, stdin: true, stdout: true, stderr: true, abortSignal: stop };
  try {
    const connection = (await container.attach(options)) as Duplex;
    const { end, ...streams } = outputOf(connection, tty, AbortSignal.any([stop, client.closed]));
    const exit = end.then(() => ({ code: 0 }));
    // Who waits for the container itself need not listen.
    exit.catch(() => {});
    return {
      ...streams,
      exit,
      resize: async ({ rows, columns }) => void (await container.resize({ h: rows, w: columns }).catch(() => {})),
    };
  } catch (error) {
    throw failureOf(error, client.endpoint, `attaching to ${id.slice(0, 12)}`, stop);
  }
}
