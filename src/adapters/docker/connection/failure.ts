// Errors of dockerode and of sockets on their way to becoming problems: what failed, at which daemon, what to do.
import { abortError, isAbort, isProblemError, type Problem, ProblemError } from '../../../model/problems/problem.ts';
import { plain } from '../../registry/daemon-text.ts';
import { diskFullProblem, isDiskFull } from '../../registry/disk-full.ts';
import type { Endpoint } from './endpoint.ts';

interface DaemonError extends Error {
  readonly code?: string;
  readonly statusCode?: number;
  readonly json?: { readonly message?: string } | null;
}

const unreachable = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOTDIR',
]);
const lost = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']);

export const statusOf = (error: unknown): number | null => (error as DaemonError | null)?.statusCode ?? null;

/** What the daemon itself said, without dockerode's wrapping. */
export function messageOf(error: unknown): string {
  const { json, message } = error as DaemonError;
  return plain(json?.message ?? String(message).replace(/^\(HTTP code \d+\) [a-z ,/]+ - /, ''));
}

/** An AbortError once `stop` is aborted, else a ProblemError; `doing` reads "copying into web". */
export function failureOf(error: unknown, endpoint: Endpoint, doing: string, stop?: AbortSignal): Error {
  if (stop?.aborted || isAbort(error)) return abortError();
  if (isProblemError(error)) return error;
  return new ProblemError(problemFrom(error as DaemonError, endpoint, doing));
}

function problemFrom(error: DaemonError, endpoint: Endpoint, doing: string): Problem {
  const { code = '' } = error;
  if (code === 'EACCES' || code === 'EPERM')
    return {
      kind: 'denied',
      code: 'S201',
      what: `no right to use Docker at ${endpoint.host}`,
      hint: 'add yourself to the group docker (sudo usermod -aG docker $USER, then log in again), or set DOCKER_HOST',
    };
  if (unreachable.has(code) || /certificate|TLS|SSL/.test(code) || /certificate|SSL routines/.test(error.message))
    return unreachableProblem(endpoint, plain(error.message));
  if (lost.has(code) || error.message === 'aborted' || error.message === 'socket hang up')
    return lostProblem(endpoint, doing);
  const message = messageOf(error);
  if (isDiskFull(message)) return diskFullProblem(message);
  if (/client version \S+ is too (?:old|new)/.test(message))
    return {
      kind: 'yours',
      code: 'S202',
      what: message,
      hint: 'unset DOCKER_API_VERSION, or set one that this Docker speaks',
    };
  if (error.statusCode === 404 || /marked for removal/.test(message))
    return { kind: 'step', code: 'S205', what: `${doing}: ${message}` };
  return { kind: 'step', code: 'S203', what: `${doing}: ${message}` };
}

export function unreachableProblem(endpoint: Endpoint, reason: string): Problem {
  const isLocal = endpoint.address.by === 'socket';
  return {
    kind: 'unavailable',
    code: 'S200',
    what: `Docker is out of reach at ${endpoint.host}: ${reason}`,
    hint: isLocal
      ? 'start Docker (sudo systemctl start docker, or Docker Desktop), or set DOCKER_HOST or docker context use'
      : `is the daemon of ${endpoint.context === 'default' ? 'DOCKER_HOST' : `docker context "${endpoint.context}"`} running, and the network up?`,
  };
}

export const lostProblem = (endpoint: Endpoint, doing: string): Problem => ({
  kind: 'unavailable',
  code: 'S204',
  what: `${doing}: the connection to Docker at ${endpoint.host} was lost`,
  hint: 'it is tried again when Docker answers',
});
