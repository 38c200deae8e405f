// What a container said before it was started again: Docker keeps one log for all its starts.
import type { Readable } from 'node:stream';
import type { EarlierOutput } from '../../../model/ports.ts';
import { type Client, openStream } from '../connection/client.ts';
import { failureOf, statusOf } from '../connection/failure.ts';
import { framesIn } from './logs.ts';

/** See `DockerPort.earlierLogs`. */
export async function earlierLogs(
  client: Client,
  container: string,
  stop: AbortSignal,
): Promise<AsyncIterable<EarlierOutput> | null> {
  try {
    const { State, Config } = await client.docker.getContainer(container).inspect({ abortSignal: stop });
    const until = State.Running ? betweenStarts(State) : null;
    if (until === null) return null;
    // Its last lines cannot be asked for: Docker would count those of the present start among them.
    const query = { stdout: true, stderr: true, timestamps: true, until };
    const path = `/containers/${encodeURIComponent(container)}/logs`;
    const stream = await openStream(client, { method: 'GET', path, query, stop });
    return outputOf(stream, Config.Tty);
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw failureOf(error, client.endpoint, `reading logs of ${container.slice(0, 12)}`, stop);
  }
}

/**
 * Seconds of the epoch. Docker notes an end before it has read the last lines, and a start after the first ones may have come:
 * the middle of both is surely after the one and before the other.
 */
function betweenStarts({ StartedAt, FinishedAt }: { StartedAt: string; FinishedAt: string }): string | null {
  const [started, finished] = [Date.parse(StartedAt), Date.parse(FinishedAt)];
  return finished > 0 && finished <= started ? ((started + finished) / 2_000).toFixed(9) : null;
}

async function* outputOf(stream: Readable, hasTty: boolean): AsyncGenerator<EarlierOutput> {
  for await (const { chunk } of framesIn(stream, hasTty)) {
    const space = chunk.indexOf(32);
    const at = Date.parse(chunk.toString('latin1', 0, Math.max(space, 0)));
    yield Number.isNaN(at) ? { at: 0, text: chunk.toString() } : { at, text: chunk.toString('utf8', space + 1) };
  }
}
