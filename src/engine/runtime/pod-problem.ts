// What is wrong with a pod, in kubectl's words, and whether Kubernetes mends it by itself.
import { containerRun } from '../../model/pods/log-run.ts';
import type { Container, Pod } from '../../model/pods/pod.ts';
import type { Problem } from '../../model/problems/problem.ts';
import type { ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';

/** Waiting reasons that are worth a word (the peers' list, and what kubelets add to it). */
const failing = new Set([
  'CrashLoopBackOff',
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'InvalidImageName',
  'RunContainerError',
  'StartError',
  'Error',
  'CreateContainerConfigError',
  'CreateContainerError',
  'PostStartHookError',
  'OOMKilled',
]);

export type Failure = Pick<ResourceState['runtime'], 'mends' | 'crashes' | 'isUnheard'> & { readonly problem: Problem };

export function podFailure(pod: Pod): Failure | null {
  const bad = pod.containers.find(isBad);
  const isFailed = pod.phase === 'Failed' || failing.has(pod.status.replace(/^Init:/, ''));
  if (!bad && !isFailed) return null;
  return {
    problem: problemOf(pod, bad),
    mends: mendingOf(pod, bad?.reason ?? pod.status.replace(/^Init:/, '')),
    crashes: crashesOf(pod),
    isUnheard: bad !== undefined && isUnheard(pod, bad),
  };
}

/**
 * Of a pod that is up again: what it died of since `startedAt` (ms since the epoch), null where it did not. A container that is
 * quick about it is never seen down.
 */
export function pastFailure(pod: Pod, startedAt: number): Failure | null {
  const died = pod.containers.find(
    ({ type, last, restarts, name }) =>
      type !== 'ephemeral' &&
      last !== null &&
      last.exitCode !== 0 &&
      (last.finishedAt ?? 0) >= startedAt &&
      restartsSince(pod, name, restarts) > 0,
  );
  if (!died?.last) return null;
  const { reason, exitCode } = died.last;
  return {
    problem: problemOf(pod, { ...died, reason, exitCode }),
    mends: 'restarts',
    crashes: crashesOf(pod),
    isUnheard: isUnheard(pod, died),
  };
}

/** An ephemeral container is somebody's debugger. */
const isBad = ({ type, state, reason, exitCode }: Container): boolean =>
  type !== 'ephemeral' &&
  ((state === 'waiting' && reason !== null && failing.has(reason)) ||
    (state === 'terminated' && exitCode !== 0 && exitCode !== null));

function problemOf(pod: Pod, bad: Container | undefined): Problem {
  const where = bad ? `container ${bad.name} of pod ${pod.name}` : `pod ${pod.name}`;
  const code = bad?.exitCode ?? bad?.last?.exitCode;
  const exit = code !== undefined && code !== null ? ` (exit code ${code})` : '';
  return {
    kind: 'step',
    code: 'S350',
    what: `${where}: ${bad?.reason ?? pod.status}${exit}${pod.message ? `: ${pod.message}` : ''}`,
    hint: hintFor(pod, bad),
    of: { pod: pod.name, ...(bad ? { container: bad.name, ...runOf(bad) } : {}) },
  };
}

/** The start that came to an end. */
function runOf(bad: Container): { readonly run?: string } {
  const dead = deadOf(bad);
  return dead === null ? {} : { run: containerRun(dead) };
}

const deadOf = ({ state, id, last }: Container): string | null => (state === 'terminated' ? id : (last?.id ?? null));

/** Of the restarts that are told of a container, those of this session. */
export const restartsSince = ({ known }: Pod, container: string, restarts: number): number =>
  Math.max(0, restarts - (lookup(known?.restarts, container) ?? 0));

/** How often its container that crashed most did so in this session, init containers included. A pod that failed as a whole did once. */
export function crashesOf(pod: Pod): number {
  const each = pod.containers.map((container) => {
    const since = restartsSince(pod, container.name, container.restarts);
    // The restart is counted when it comes: one that is down crashed once more than it was started again.
    const isDown =
      container.state === 'terminated' ? container.exitCode !== 0 : container.reason === 'CrashLoopBackOff';
    return since + (isDown ? 1 : 0);
  });
  return Math.max(pod.phase === 'Failed' ? 1 : 0, ...each);
}

/** Its last words are not in the log store yet. */
function isUnheard(pod: Pod, bad: Container): boolean {
  const dead = deadOf(bad);
  return dead !== null && isFollowed(bad.name) && !(pod.known?.heard.includes(dead) ?? false);
}

/** Sidecars of meshes: their lines would drown the user's own. */
const mesh = /^(istio-(init|proxy|validation)|linkerd-(init|proxy))$/;
export const isFollowed = (container: string): boolean => !mesh.test(container);

/** What kubelets wait for: an object, a registry or a runtime that may be there a moment later. */
const awaited = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ImageInspectError',
  'RegistryUnavailable',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);
/** Answers of a registry or a runtime that another try will not change (containerd's and Docker's words). */
const final =
  /not found|manifest unknown|does not exist|no match for platform|no matching manifest|denied|unauthorized|forbidden|authentication required|exec: .*no such file or directory|exec format error|no command specified/i;
/** The node refuses to run the image as its user; only another image or manifest changes that. */
const wrongUser = /runAsNonRoot|non-numeric user/;

function mendingOf(pod: Pod, reason: string): Failure['mends'] {
  // A pod that failed as a whole is made anew by its owner; a bare one is over.
  if (pod.phase === 'Failed') return pod.owner ? 'restarts' : 'never';
  if (reason === 'InvalidImageName' || reason === 'ErrImageNeverPull') return 'never';
  if (!awaited.has(reason)) return 'restarts';
  // A ConfigMap that is not found is one that somebody has yet to make.
  const isFinal = reason === 'CreateContainerConfigError' ? wrongUser : final;
  return isFinal.test(pod.message ?? '') ? 'never' : 'waits';
}

/** Reasons for which a pod is ended from outside. */
const byCluster = /^(DeadlineExceeded|Evicted|Preempting|Terminated|NodeAffinity|UnexpectedAdmissionError|OutOf\w+): /;

/** What the runtime says of a command that it could not start. */
const startErrors = new Set(['StartError', 'ContainerCannotRun', 'RunContainerError', 'CreateContainerError']);

function hintFor(pod: Pod, bad: Container | undefined): string {
  const reason = bad?.reason ?? pod.status;
  if (/image/i.test(reason))
    return 'can the node pull this image? see the events of the resource and `registry` in sluice.yaml';
  if (wrongUser.test(pod.message ?? ''))
    return 'give its image another user (USER in the Dockerfile), or the container one by number (runAsUser)';
  if (reason === 'CreateContainerConfigError') return 'a ConfigMap or Secret it refers to is missing: see the events';
  if (reason === 'OOMKilled' || bad?.last?.reason === 'OOMKilled') return 'raise its memory limit';
  if (startErrors.has(reason) || startErrors.has(bad?.last?.reason ?? ''))
    return 'it could not be started: see `command` in the manifest, ENTRYPOINT and CMD of the image, and its volumes';
  if (pod.phase === 'Failed' && byCluster.test(pod.message ?? ''))
    return 'the cluster ended it, not its program: see what it says';
  return 'its last log lines say why; a save starts it again with the new code';
}

/** Of several the one that leaves least hope: over, then waited for, then crashed most. */
export function worst(failures: readonly Failure[]): Failure | null {
  const rank: Readonly<Record<Failure['mends'], number>> = { never: 2, waits: 1, restarts: 0 };
  return [...failures].sort((a, b) => rank[b.mends] - rank[a.mends] || b.crashes - a.crashes)[0] ?? null;
}
