// From state to the work of one run: everything a strategy needs, so that its claim can be pure.
import { lookup } from '../model/lookup.ts';
import type { Cause, ContainerTarget, FileChange, ImageWork, Work } from '../model/run.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { containersOf, newerImages } from './containers.ts';
import { namespaceOf, projectOf } from './reach.ts';

/** The next run of a resource with all that is pending now. */
export function workFor(state: EngineState, name: string, resource: ResourceState): Work {
  const files = Object.values(resource.pending);
  const { asked } = resource;
  const isReconfigured = resource.digest !== null && resource.digest !== resource.spec.digest;
  const cause: Cause = isReconfigured ? 'config' : (asked?.cause ?? 'files');
  const why = asked?.why ?? (isReconfigured ? 'configuration changed' : null);
  const base = {
    run: `${name}#${resource.runs + 1}`,
    resource: name,
    cause,
    why: whyOf(state, why, files),
    change: state.changes.seen,
    files,
    force: asked?.force ?? false,
  };
  if (resource.spec.kind === 'local') return { ...base, kind: 'local', spec: resource.spec };
  const containers = containersOf(state, name, resource);
  return {
    ...base,
    kind: 'kubernetes',
    spec: resource.spec,
    kubernetes: {
      context: null,
      allow: [],
      registry: null,
      ...state.config.current?.kubernetes,
      namespace: namespaceOf(state),
    },
    project: projectOf(state),
    config: state.options.file.slice(state.options.file.lastIndexOf('/') + 1),
    adopt: state.options.adopt ?? false,
    images: resource.spec.images.map((ref) => imageWork(state, ref)),
    containers,
    deployed: resource.deployed,
    updateMode: state.options.updateMode,
    runId: state.options.runId,
    fullBuild: fullBuildReason(state, resource, cause, containers),
  };
}

function whyOf(state: EngineState, asked: string | null, files: readonly FileChange[]): readonly string[] {
  const dir = `${state.options.dir}/`;
  const named = files
    .slice(0, 3)
    .map((file) => `${file.path.startsWith(dir) ? file.path.slice(dir.length) : file.path} ${file.kind}`);
  const more = files.length > 3 ? [`and ${files.length - 3} more files`] : [];
  return [...(asked ? [asked] : []), ...named, ...more];
}

function imageWork(state: EngineState, ref: string): ImageWork {
  const spec = lookup(state.config.current?.images, ref);
  if (!spec) throw new Error(`no image ${ref} in the configuration`);
  const image = lookup(state.images, ref);
  return { spec, last: image?.overflowed ? null : (image?.last ?? null), files: Object.values(image?.files ?? {}) };
}

/** Why the containers that run now cannot take this change, null when they can. */
function fullBuildReason(
  state: EngineState,
  resource: ResourceState,
  cause: Cause,
  containers: readonly ContainerTarget[],
): string | null {
  if (cause === 'trigger' && resource.asked?.force) return 'asked for';
  if (cause === 'config') return 'configuration changed';
  if (resource.inconsistent) return 'containers disagree after a partial update';
  if (resource.runtime.text.includes('CrashLoopBackOff')) return 'the container is in CrashLoopBackOff';
  const newer = newerImages(state, resource);
  if (newer.length > 0) return `${newer.join(', ')} was built anew since the last deploy`;
  // What is brought in may be what ends it: an image that holds the files puts an end to the circle.
  const isAgain = containers.some(({ isNew, restarts }) => isNew && restarts > 1);
  if (cause === 'crash' && resource.last?.cause === 'crash' && isAgain) return 'the container was started anew again';
  return null;
}
