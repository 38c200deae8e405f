// A container's output, followed over reconnects. Docker's `since` takes seconds with nanoseconds and is inclusive, so
// what was already seen at that very instant is dropped on resume.
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observable } from 'rxjs';
import { limits } from '../../../model/limits.ts';
import { isProblemError, ProblemError } from '../../../model/problems/problem.ts';
import { lineSplitter } from '../../../model/text/line-splitter.ts';
import { backoff } from '../../../operators/backoff.ts';
import { fromAsync } from '../../../operators/from-async.ts';
import { type Client, openStream } from '../connection/client.ts';
import { failureOf, lostProblem, statusOf } from '../connection/failure.ts';
import { type Frame, framesOf } from '../containers/frames.ts';
import { isUp, type Seen, takeSeen } from '../containers/last-seen.ts';

/**
 * From `since` (ms epoch, inclusive; null: from the container's start). Completes when the container ended. Errors with
 * an `unavailable` problem when the daemon stays away for longer than `limits.dockerLogResumeMs`. `goOn`: where the last one of that
 * container stands that was told to go on, which ends; each line comes once over all of them.
 */
export function logs$(client: Client, container: string, since: number | null, goOn = false): Observable<Frame> {
  // Whoever goes on from here ends it as well.
  return fromAsync((emit, _, drop) => {
    const place = goOn ? takeOver(client, container, new LogPlace(since), drop) : new LogPlace(since);
    const stop = AbortSignal.any([drop.signal, client.closed]);
    return follow(client, container, place, emit, stop).catch((error: unknown) => {
      throw failureOf(error, client.endpoint, `reading logs of ${container.slice(0, 12)}`);
    });
  });
}

async function follow(
  client: Client,
  container: string,
  place: LogPlace,
  emit: (frame: Frame) => void,
  stop: AbortSignal,
): Promise<void> {
  let lostAt: number | null = null;
  for (let tries = 0; ; tries++) {
    try {
      const { hasTty, wasRunning } = takeSeen(client, container) ?? (await looked(client, container, stop));
      lostAt = null;
      for await (const frame of open(client, container, place, { hasTty, wasRunning }, stop)) {
        // Whoever goes on from here may be told of it already.
        if (stop.aborted) return;
        tries = 0;
        const text = place.take(frame);
        if (text) emit(text);
      }
      // A stopped container was read to its end. One that ran ended, or the daemon did: the next look tells.
      if (!wasRunning) return;
    } catch (error) {
      // A container that is removed, or on its way out, has ended.
      if (stop.aborted || [404, 409].includes(statusOf(error) ?? 0)) return;
      const failure = failureOf(error, client.endpoint, `reading logs of ${container.slice(0, 12)}`);
      if (!isProblemError(failure) || failure.problem.kind !== 'unavailable') throw failure;
      lostAt ??= performance.now();
      if (performance.now() - lostAt > limits.dockerLogResumeMs)
        throw new ProblemError(lostProblem(client.endpoint, `reading logs of ${container.slice(0, 12)}`));
      await sleep(backoff(tries, limits.dockerLogRetryFirstMs, limits.dockerLogRetryMaxMs), undefined, {
        signal: stop,
      }).catch(() => {});
    }
  }
}

async function looked(client: Client, container: string, stop: AbortSignal): Promise<Seen> {
  const { State, Config } = await client.docker.getContainer(container).inspect({ abortSignal: stop });
  return { hasTty: Config.Tty, wasRunning: isUp(State) };
}

interface Follower {
  readonly place: LogPlace;
  readonly drop: AbortController;
}

/** A container that is started again is followed anew, at a time when what followed it before may have told its first lines. */
const followers = new WeakMap<Client, Map<string, Follower>>();

function takeOver(client: Client, container: string, fresh: LogPlace, drop: AbortController): LogPlace {
  const all = followers.get(client) ?? new Map<string, Follower>();
  followers.set(client, all);
  const before = all.get(container);
  before?.drop.abort();
  // Not from the next start on: Docker notes it when the program runs already and may have said something.
  const place = before?.place.copy() ?? fresh;
  all.delete(container);
  all.set(container, { place, drop });
  const [oldest] = all.keys();
  if (oldest !== undefined && all.size > limits.dockerLogPlaces) all.delete(oldest);
  return place;
}

async function* open(
  client: Client,
  container: string,
  place: LogPlace,
  { hasTty, wasRunning }: Seen,
  stop: AbortSignal,
): AsyncGenerator<Frame> {
  const since = place.since();
  // Of one that is to be started again Docker would tell on, and end with the next start.
  const query = {
    follow: wasRunning,
    stdout: true,
    stderr: true,
    timestamps: true,
    ...(since === null ? {} : { since }),
  };
  const path = `/containers/${encodeURIComponent(container)}/logs`;
  const stream = await openStream(client, { method: 'GET', path, query, stop });
  yield* framesIn(stream, hasTty);
}

/** What a log is sent in, by whether its container has a terminal. */
export const framesIn = (stream: Readable, hasTty: boolean): AsyncIterable<Frame> =>
  hasTty ? linesOf(stream) : framesOf(stream as AsyncIterable<Buffer>);

/** A container with a terminal sends no frames: each line has its time. */
async function* linesOf(stream: Readable): AsyncGenerator<Frame> {
  const whole: Buffer[] = [];
  const splitter = lineSplitter(limits.dockerFrameBytes, (line) => whole.push(line));
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    splitter.push(chunk);
    for (const line of whole.splice(0)) yield { stream: 'stdout', chunk: Buffer.concat([line, lineEnd]) };
  }
}

const lineEnd = Buffer.from('\n');

const nanoseconds = (time: string): string => (/\.(\d+)Z$/.exec(time)?.[1] ?? '').padEnd(9, '0');

/** How far the log was read: the newest time, and how many frames had it. */
class LogPlace {
  private time: string | null;
  private seen = 0;
  private skip = 0;

  constructor(since: number | null) {
    this.time = since === null ? null : new Date(since).toISOString();
  }

  /** For who goes on from here, whatever the one before still reads. */
  copy(): LogPlace {
    const copied = new LogPlace(null);
    [copied.time, copied.seen] = [this.time, this.seen];
    return copied;
  }

  /** For the query; from here on what was seen at that time is skipped. */
  since(): string | null {
    this.skip = this.seen;
    if (this.time === null) return null;
    return `${Math.floor(Date.parse(this.time) / 1_000)}.${nanoseconds(this.time)}`;
  }

  /** The frame without its time, null when it was seen before. */
  take({ stream, chunk }: Frame): Frame | null {
    const space = chunk.indexOf(32);
    const time = chunk.subarray(0, Math.max(space, 0)).toString('latin1');
    if (!/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time)) return { stream, chunk };
    if (time === this.time && this.skip > 0) {
      this.skip--;
      return null;
    }
    if (time === this.time) this.seen++;
    else if (this.time === null || time > this.time) {
      this.time = time;
      this.seen = 1;
      this.skip = 0;
    }
    return { stream, chunk: chunk.subarray(space + 1) };
  }
}
