// How a Compose service stands, from its containers: running, healthy, ended well, or not.

import { startOf } from '../../model/pods/log-run.ts';
import type { Container, Pod } from '../../model/pods/pod.ts';
import type { Deployed } from '../../model/run.ts';
import type { ComposeState } from '../../model/state.ts';
import { noRuntime as none, type Runtime } from '../resources/resource.ts';
import { currentRun, isRunning } from '../resources/run.ts';
import { type Failure, restartsSince } from './pod-problem.ts';

export function composeRuntime(resource: ComposeState, pods: readonly Pod[]): Runtime {
  const { spec } = resource;
  if (!resource.deploy.result) return none;
  const current = pods.filter(({ deleting }) => !deleting);
  if (spec.replicas === 0) return { ...none, status: 'ready', text: 'scaled to 0' };
  const failed = current.find(isFailed);
  // Those that a run ends to put others in their place have not failed.
  if (failed && isReplacing(resource)) return { ...none, status: 'pending', text: 'starting' };
  if (failed) return failure(failed);
  if (current.length < spec.replicas && resource.deploy.lost.length > 0 && !isRunning(resource))
    return missing(resource, current);
  const foreign = isSettled(resource) ? current.find((pod) => !isOfDeploy(resource.deploy.result, pod)) : undefined;
  if (foreign) return changed(foreign);
  if (current.length === 0 && resource.deploy.result.alreadyDone)
    return { ...none, status: 'done', text: 'exited (0)' };
  const done = current.filter(({ phase }) => phase === 'Succeeded');
  if (current.length > 0 && done.length >= Math.max(spec.replicas, current.length))
    return { ...none, status: 'done', text: 'exited (0)' };
  const up = current.filter(({ ready }) => ready).length;
  const text = progress(current, up, spec.replicas);
  if (spec.ready === 'running' && up + done.length >= spec.replicas) return { ...none, status: 'ready', text };
  const isLeft = ({ status }: Pod): boolean => status === 'paused' || (status === 'created' && isOver(resource));
  const isUp = ({ ready }: Pod): boolean => ready && spec.ready === 'running';
  const stuck = current.some(isLeft) && current.every((pod) => isLeft(pod) || isUp(pod));
  return { ...none, status: 'pending', text, stuck };
}

function progress(pods: readonly Pod[], up: number, wanted: number): string {
  const newest = pods.at(-1);
  if (!newest) return 'starting';
  return wanted > 1 ? `${up}/${wanted} ready` : newest.status;
}

/** Docker brings back nothing that was removed. */
const missing = ({ spec: { name, replicas }, deploy: { lost } }: ComposeState, left: readonly Pod[]): Runtime => ({
  ...none,
  status: 'failed',
  text: left.length === 0 ? 'removed' : `${left.length}/${replicas} left`,
  problem: {
    kind: 'step',
    code: 'S381',
    what: `${lost.length === 1 ? 'container' : 'containers'} ${lost.join(', ')}: removed by somebody else`,
    hint: `sluice trigger ${name} makes ${lost.length === 1 ? 'it' : 'them'} anew`,
  },
  stuck: true,
  mends: 'never',
});

/** A run that is under way, or that failed half-way, may have made what is not known as deployed. */
const isSettled = (resource: ComposeState): boolean => !isRunning(resource) && resource.update.last?.outcome === 'ok';

/** Of this deploy, or of the same configuration and image, whoever made it. */
function isOfDeploy(deployed: Deployed | null, { uid, compose }: Pod): boolean {
  const [is, wanted] = [compose?.madeOf, deployed?.madeOf];
  if (deployed?.containers?.includes(uid) || !is || !wanted) return true;
  return is.hash === wanted.hash && is.image === wanted.image;
}

/** `docker compose up` with another file or after a build of its own, for example. */
const changed = ({ name }: Pod): Runtime => ({
  ...none,
  status: 'pending',
  text: `changed by somebody: container ${name} is not of this deploy: a trigger makes it anew`,
  stuck: true,
});

/** Its run has failed: what that made and could not start stays as it is. Who has paused one goes on with it, too. */
const isOver = (resource: ComposeState): boolean => !isRunning(resource) && resource.update.last?.outcome === 'failed';

const isReplacing = (resource: ComposeState): boolean =>
  resource.deploy.restarting || ['deploy', 'restart'].includes(currentRun(resource)?.steps.at(-1)?.step ?? '');

const isFailed = ({ phase, status }: Pod): boolean =>
  phase === 'Failed' || status === 'unhealthy' || status.startsWith('restarting');

/**
 * A restart policy brings it up again, after a pause that Docker doubles each time; nothing else does. One is unhealthy once its
 * healthcheck has failed as often in a row as it says itself: Compose gives up on it then, though it may become healthy later.
 */
function failure(pod: Pod): Runtime {
  const [container] = pod.containers;
  const isUnhealthy = pod.status === 'unhealthy';
  const mayRestart = pod.status.startsWith('restarting');
  const said = pod.message ? `: ${pod.message}` : '';
  return {
    status: 'failed',
    text: pod.status,
    problem: {
      kind: 'step',
      code: isUnhealthy ? 'S371' : 'S370',
      what: `container ${pod.name}: ${isUnhealthy ? 'its healthcheck fails' : ended(pod, container?.exitCode ?? null)}${said}`,
      hint: isUnhealthy
        ? 'the healthcheck of the service says what is asked; its last answer stands here'
        : 'its last log lines say why; a save or a trigger starts it again',
      of: { pod: pod.name, ...(container ? { container: container.name, ...runOf(container) } : {}) },
    },
    stuck: !mayRestart && !isUnhealthy,
    mends: mayRestart ? 'restarts' : 'never',
    crashes: isUnhealthy ? 0 : Math.max(1, restartsSince(pod, container?.name ?? '', pod.restarts)),
    isUnheard: !isUnhealthy && !isHeard(pod),
  };
}

/** Of a container that is up: how often Docker had to start it again in this session, null where it never had. */
export function pastCrashes(pod: Pod): Failure | null {
  const [container] = pod.containers;
  const crashes = container ? restartsSince(pod, container.name, pod.restarts) : 0;
  if (!container || crashes === 0) return null;
  return {
    problem: {
      kind: 'step',
      code: 'S370',
      what: `container ${pod.name}: it ended, and was started again, ${crashes === 1 ? 'once' : `${crashes} times`}`,
      hint: 'its log lines say why; a save or a trigger starts it again',
      of: { pod: pod.name, container: container.name },
    },
    mends: 'restarts',
    crashes,
    isUnheard: false,
  };
}

function runOf(container: Container): { readonly run?: string } {
  const run = startOf(container);
  return run === null ? {} : { run };
}

const ended = ({ containers }: Pod, code: number | null): string =>
  containers[0]?.reason === 'OOMKilled' ? 'it was killed: out of memory' : `it exited with code ${code ?? 'unknown'}`;

const isHeard = ({ known, containers }: Pod): boolean =>
  containers.every((each) => {
    const start = startOf(each);
    return each.state !== 'terminated' || start === null || (known?.heard.includes(start) ?? false);
  });
