// Following a container's log: without a limit on silence, resumed without loss or repeat, until the container ended.
import type { Observable } from 'rxjs';
import { limits } from '../../model/limits.ts';
import type { KubePort } from '../../model/ports.ts';
import { problemCodes } from '../../model/problems/code-names.ts';
import { hasCode, isProblemError } from '../../model/problems/problem.ts';
import { lineSplitter } from '../../model/text/line-splitter.ts';
import { fromAsync } from '../../operators/from-async.ts';
import { onAbort } from '../../operators/promises/on-abort.ts';
import { failure } from './failure.ts';
import { asProblem, type KubeHttp } from './http.ts';
import { growingPauses, pause } from './pause.ts';
import { ResumePoint, readStamp } from './resume-point.ts';
import type { Answer } from './streams.ts';

type LogPlace = Parameters<KubePort['logs']>[0];
type LogOptions = Parameters<KubePort['logs']>[1];
type LogLine = { readonly at: number; readonly text: string; readonly missing: number };
type Emit = (line: LogLine) => void;

const podPath = ({ namespace, name }: LogPlace): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;

/** As many characters as the log store keeps, of four bytes at most, and the timestamp before them; what is beyond is counted. */
const lineBytes = 4 * limits.logLineBytes + 64;

function lineReader(options: LogOptions, resume: ResumePoint, emit: Emit) {
  return (bytes: Buffer, missing: number): void => {
    const space = bytes.indexOf(32);
    const stamp = readStamp(bytes.toString('latin1', 0, space === -1 ? bytes.length : space));
    // Not a log line: the kubelet's own message in the stream ("unable to retrieve container logs for …").
    if (!stamp) {
      emit({ at: Date.now(), text: bytes.toString(), missing });
      return;
    }
    const at = Math.floor(stamp.us / 1_000);
    if (options.since !== null && at < options.since) return;
    if (resume.isNew(stamp)) emit({ at, text: space === -1 ? '' : bytes.toString('utf8', space + 1), missing });
  };
}

/** Resolves at the end of the stream, clean or not; true when it was clean. */
function readLines(
  response: Answer,
  onLine: (bytes: Buffer, missing: number) => void,
  stops: readonly AbortSignal[],
): Promise<boolean> {
  return new Promise((resolve) => {
    const splitter = lineSplitter(lineBytes, onLine);
    const off = onAbort(stops, () => response.destroy());
    response.on('data', (chunk: Buffer) => splitter.push(chunk));
    let isOver = false;
    const settle = (isWhole: boolean) => {
      if (isOver) return;
      isOver = true;
      off();
      // A line cut off by a broken connection comes again as a whole after the resume.
      if (isWhole) splitter.end();
      resolve(isWhole);
    };
    // A stream of HTTP/2 that broke closes only when its connection has.
    response.on('error', () => settle(false));
    response.once('close', () => settle(response.complete));
  });
}

/** The container as the cluster has it now, null when its pod does not have it any more. */
async function lookUp(
  http: KubeHttp,
  place: LogPlace,
  stop: AbortSignal,
): Promise<{ id: string; running: boolean } | null> {
  const subject = { verb: 'get', kind: 'pods', name: place.name, namespace: place.namespace };
  const pod = (await http.json({ path: podPath(place), subject }, stop)) as { status?: Record<string, unknown> } | null;
  const lists = [
    pod?.status?.containerStatuses,
    pod?.status?.initContainerStatuses,
    pod?.status?.ephemeralContainerStatuses,
  ];
  const found = lists.flatMap((list) => (Array.isArray(list) ? list : [])).find((one) => one?.name === place.container);
  return found ? { id: String(found.containerID ?? ''), running: Boolean(found.state?.running) } : null;
}

function openLog(http: KubeHttp, place: LogPlace, options: LogOptions, resume: ResumePoint, stop: AbortSignal) {
  const since = resume.since ?? (options.since === null ? undefined : new Date(options.since).toISOString());
  const query = {
    container: place.container,
    timestamps: 'true',
    follow: options.follow ? 'true' : undefined,
    previous: options.previous ? 'true' : undefined,
    sinceTime: since,
    tailLines: resume.since === null && options.tailLines !== undefined ? String(options.tailLines) : undefined,
  };
  const subject = {
    verb: 'get',
    kind: 'pods/log',
    name: `${place.name} (${place.container})`,
    namespace: place.namespace,
  };
  return http.open({ path: `${podPath(place)}/log`, query, subject, stays: options.follow }, stop);
}

/** A log that is not there will not come; the cluster away is waited for. */
function isFinal(error: unknown): boolean {
  return isProblemError(error) && error.problem.kind !== 'unavailable' && error.problem.kind !== 'timeout';
}

async function follow(http: KubeHttp, place: LogPlace, options: LogOptions, emit: Emit, stop: AbortSignal) {
  const resume = new ResumePoint();
  const onLine = lineReader(options, resume, emit);
  const pauses = growingPauses(limits.logRetryMaxMs);
  const stops = [stop, http.closed];
  let id: string | null = null;
  while (!stops.some((one) => one.aborted)) {
    try {
      const response = await openLog(http, place, options, resume, stop);
      const reading = readLines(response, onLine, stops);
      if (!options.follow) {
        if (await reading) return;
        throw failure('unavailable', 'S321', `log of ${place.name} (${place.container}) broke off`);
      }
      // Asked beside the first read, so that a restarted container is not taken for the one we follow.
      // Nor is its answer waited for, which may be lost with the log.
      let first: string | null = null;
      if (id === null)
        lookUp(http, place, stop).then(
          (one) => {
            first = one?.id ?? null;
          },
          () => {},
        );
      const isWhole = await reading;
      id ??= first;
      pauses.calm();
      const now = await lookUp(http, place, stop);
      id ??= now?.id ?? null;
      if (now?.id !== id) return;
      // The end of the stream is no proof: kubelets and proxies end quiet ones too.
      if (isWhole && !now?.running) return;
    } catch (error) {
      if (stops.some((one) => one.aborted)) return;
      const problem = asProblem(error, http.access.server);
      if (hasCode(problem, problemCodes.noObject)) return;
      if (!options.follow || isFinal(problem)) throw problem;
    }
    await pause(pauses.next(), stop, http.back);
    resume.resume();
  }
}

/**
 * Lines with `since` (ms, inclusive) or later. Completes when the container ended, the pod is gone or, without `follow`,
 * at the end. Errors with `denied`, or S311 where there is no such log (container not started, no previous one).
 */
export function podLogs(http: KubeHttp, place: LogPlace, options: LogOptions): Observable<LogLine> {
  return fromAsync((emit, stop) => follow(http, place, options, emit, stop));
}
