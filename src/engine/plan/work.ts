// From state to the work of one run: everything a strategy needs, so that its claim can be pure.
import { daemonHost } from '../../model/hosts/daemon-host.ts';
import type { Cause, FileChange, Work } from '../../model/run.ts';
import type { DeployableState, EngineState, ResourceState } from '../../model/state.ts';
import { namespaceOf, projectOf } from '../reach.ts';
import { imageWork } from '../resources/image-work.ts';
import { deployOf, withDeploy } from '../resources/resource.ts';
import { mostAtOnce } from '../resources/slots.ts';
import { isBuiltAhead, waitsSince } from '../resources/want.ts';
import { containersOf } from '../runtime/containers.ts';

/** A resource whose next run is wanted now: of one whose images were built while it waited, the other half. */
export function started(state: EngineState, resource: ResourceState): ResourceState {
  const work = workFor(state, resource.spec.name, resource);
  const isBuilt = work.kind !== 'local' && isBuiltAhead(resource) && !work.force;
  const half = isBuilt ? { half: 'deploy' as const } : {};
  const restarts = resource.update.wantsRestart ? { restarts: true as const } : {};
  const wanted = withWork(resource, { ...work, ...half, ...restarts } as Work);
  return { ...wanted, update: { ...wanted.update, ahead: null, wantsRestart: false } };
}

/** A resource whose images are wanted now, while it waits for what it needs. */
export function startedAhead(state: EngineState, resource: ResourceState): ResourceState {
  const work = workFor(state, resource.spec.name, resource);
  if (work.kind === 'local') return resource;
  const waits = `while it waits for ${resource.update.hold?.on.join(', ')}`;
  return withWork(resource, { ...work, half: 'build', why: [...work.why, waits] });
}

function withWork(resource: ResourceState, work: Work): ResourceState {
  // Containers whose update fails wait for a new change like any other failure.
  const refilled = work.kind !== 'local' ? work.containers.map(({ id }) => id) : [];
  const next: ResourceState = {
    ...resource,
    update: { ...resource.update, now: { is: 'wanted', work }, asked: null, hold: null, retryAt: null },
    used: { ...resource.used, runs: resource.used.runs + 1 },
  };
  return withDeploy(next, { refilled });
}

/** The next run of a resource with all that is pending now. */
export function workFor(state: EngineState, name: string, resource: ResourceState): Work {
  const base = baseOf(state, name, resource);
  if (resource.kind === 'local') return { ...base, kind: 'local', spec: resource.spec };
  const withContainers = containersWork(state, base, resource);
  if (resource.kind === 'compose') {
    const { spec } = resource;
    const anew = base.cause === 'first' ? { anew: state.options.containers } : {};
    const machine = daemonHost(state.docker.info?.host);
    return { ...withContainers, kind: 'compose', spec, ...anew, ...(machine === null ? {} : { machine }) };
  }
  return {
    ...withContainers,
    kind: 'kubernetes',
    spec: resource.spec,
    kubernetes: {
      context: null,
      allow: [],
      registry: null,
      ...state.config.current?.kubernetes,
      namespace: namespaceOf(state),
    },
    config: state.options.file.slice(state.options.file.lastIndexOf('/') + 1),
    adopt: state.options.adopt ?? false,
  };
}

/** What every kind of run has. */
function baseOf(state: EngineState, name: string, resource: ResourceState) {
  const files = Object.values(resource.changes.pending);
  const { asked } = resource.update;
  const isReconfigured = resource.update.digest !== null && resource.update.digest !== resource.spec.digest;
  const cause: Cause = isReconfigured ? 'config' : (asked?.cause ?? 'files');
  const why = asked?.why ?? (isReconfigured ? 'configuration changed' : null);
  return {
    run: `${name}#${resource.used.runs + 1}`,
    resource: name,
    cause,
    why: whyOf(state, why, files),
    change: state.changes.seen,
    since: waitsSince(resource),
    files,
    force: asked?.force ?? false,
  };
}

/** What every run has that is made of images and runs in containers. */
const containersWork = (state: EngineState, base: ReturnType<typeof baseOf>, resource: DeployableState) => ({
  ...base,
  project: projectOf(state),
  images: resource.spec.images.map((ref) => imageWork(state, resource, ref)),
  containers: containersOf(state, base.resource, resource),
  deployed: resource.deploy.result,
  parallel: mostAtOnce(state),
  updateMode: state.options.updateMode,
  runId: state.options.runId,
  fullBuild: fullBuildReason(resource, base.cause),
});

function whyOf(state: EngineState, asked: string | null, files: readonly FileChange[]): readonly string[] {
  const dir = `${state.options.dir}/`;
  const named = files
    .slice(0, 3)
    .map((file) => `${file.path.startsWith(dir) ? file.path.slice(dir.length) : file.path} ${file.kind}`);
  const more = files.length > 3 ? [`and ${files.length - 3} more files`] : [];
  return [...(asked ? [asked] : []), ...named, ...more];
}

/** Why the containers that run now cannot take this change, null when they can. */
function fullBuildReason(resource: ResourceState, cause: Cause): string | null {
  if (cause === 'trigger' && resource.update.asked?.force) return 'asked for';
  if (cause === 'config') return 'configuration changed';
  // Some of it may be there: which pods are to be updated is not known before the next one.
  if (resource.update.last?.outcome === 'failed' && resource.update.last.phase === 'deploy')
    return 'the last deploy failed';
  if (deployOf(resource)?.inconsistent) return 'containers disagree after a partial update';
  if (resource.runtime.text.includes('CrashLoopBackOff')) return 'the container is in CrashLoopBackOff';
  return null;
}
