// Only a pod that cannot get better by waiting is a problem; kubectl's words say which.
import type { Pod } from '../model/pod.ts';
import type { Problem } from '../model/problem.ts';

/** Waiting reasons that will not mend themselves by waiting a moment (the peers' list, and what kubelets add to it). */
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

export function podProblem(pod: Pod): Problem | null {
  const bad = pod.containers.find(
    (container) =>
      (container.state === 'waiting' && container.reason !== null && failing.has(container.reason)) ||
      (container.state === 'terminated' && container.exitCode !== 0 && container.exitCode !== null),
  );
  const isFailed = pod.phase === 'Failed' || failing.has(pod.status.replace(/^Init:/, ''));
  if (!bad && !isFailed) return null;
  const where = bad ? `container ${bad.name} of pod ${pod.name}` : `pod ${pod.name}`;
  const code = bad?.exitCode ?? bad?.last?.exitCode;
  const exit = code !== undefined && code !== null ? ` (exit code ${code})` : '';
  return {
    kind: 'step',
    code: 'S350',
    what: `${where}: ${bad?.reason ?? pod.status}${exit}${pod.message ? `: ${pod.message}` : ''}`,
    hint: hintFor(bad?.reason ?? pod.status),
  };
}

function hintFor(reason: string): string {
  if (/image/i.test(reason))
    return 'can the node pull this image? see the events of the resource and `registry` in sluice.yaml';
  if (reason === 'CreateContainerConfigError') return 'a ConfigMap or Secret it refers to is missing: see the events';
  if (reason === 'OOMKilled') return 'raise its memory limit';
  return 'its last log lines say why; a save starts it again with the new code';
}
