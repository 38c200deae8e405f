// From state to the work of one run: everything a strategy needs, so that its claim can be pure.
import type { KubeSpec } from '../model/config.ts';
import type { Cause, ContainerTarget, FileChange, ImageWork, Work } from '../model/run.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { namespaceOf } from './reach.ts';
import { currentPods, podsByResource } from './runtime.ts';

/** The next run of a resource with all that is pending now. */
export function workFor(state: EngineState, name: string, resource: ResourceState): Work {
  const files = Object.values(resource.pending);
  const asked = resource.asked ?? askedByRun(resource);
  const base = {
    run: `${name}#${resource.runs + 1}`,
    resource: name,
    cause: asked?.cause ?? ('files' as Cause),
    why: whyOf(state, asked?.why ?? null, files),
    change: state.changes.seen,
    files,
    force: asked?.force ?? false,
  };
  if (resource.spec.kind === 'local') return { ...base, kind: 'local', spec: resource.spec };
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
    images: resource.spec.images.map((ref) => imageWork(state, ref)),
    containers: containersOf(state, name, resource, resource.spec),
    deployed: resource.deployed,
    updateMode: state.options.updateMode,
    runId: state.options.runId,
    fullBuild: fullBuildReason(resource, asked?.cause ?? null),
  };
}

/** A run that replaces one under way takes over why that one was wanted. */
const askedByRun = (resource: ResourceState) =>
  resource.desired && resource.desired.run === resource.run?.id && resource.desired.cause !== 'files'
    ? { cause: resource.desired.cause, why: resource.desired.why[0] ?? '', force: resource.desired.force }
    : null;

function whyOf(state: EngineState, asked: string | null, files: readonly FileChange[]): readonly string[] {
  const dir = `${state.options.dir}/`;
  const named = files
    .slice(0, 3)
    .map((file) => `${file.path.startsWith(dir) ? file.path.slice(dir.length) : file.path} ${file.kind}`);
  const more = files.length > 3 ? [`and ${files.length - 3} more files`] : [];
  return [...(asked ? [asked] : []), ...named, ...more];
}

function imageWork(state: EngineState, ref: string): ImageWork {
  const spec = state.config.current?.images[ref];
  if (!spec) throw new Error(`no image ${ref} in the configuration`);
  const image = state.images[ref];
  return { spec, last: image?.overflowed ? null : (image?.last ?? null), files: Object.values(image?.files ?? {}) };
}

function fullBuildReason(resource: ResourceState, cause: Cause | null): string | null {
  if (cause === 'trigger' && resource.asked?.force) return 'asked for';
  if (cause === 'config') return 'configuration changed';
  if (resource.inconsistent) return 'containers disagree after a partial update';
  if (resource.runtime.text.includes('CrashLoopBackOff')) return 'the container is in CrashLoopBackOff';
  return null;
}

/** DeployDiscovery: the containers of the current deploy that run one of our images, each with what it already has. */
export function containersOf(
  state: EngineState,
  name: string,
  resource: ResourceState,
  spec: KubeSpec,
): readonly ContainerTarget[] {
  const pods = podsByResource(state).get(name) ?? [];
  return currentPods(resource, pods).flatMap((pod) =>
    pod.containers
      .filter((container) => container.type === 'main')
      .flatMap((container): ContainerTarget[] => {
        const image = imageOfContainer(state, resource, spec, container.image);
        if (!image) return [];
        const built = state.images[image]?.last?.change ?? 0;
        return [
          {
            id: container.id ?? '',
            name: container.name,
            pod: pod.name,
            podUid: pod.uid,
            namespace: pod.namespace,
            node: pod.node,
            image,
            running: container.state === 'running' && container.id !== null,
            status: container.reason ?? container.state,
            readOnlyRoot: container.readOnlyRoot,
            ledger: container.id ? (state.ledgers[container.id] ?? built) : built,
            restarts: container.restarts,
          },
        ];
      }),
  );
}

function imageOfContainer(state: EngineState, resource: ResourceState, spec: KubeSpec, running: string): string | null {
  for (const ref of spec.images) {
    const injected = resource.deployed?.images[ref];
    if (injected && isSameImage(injected, running)) return ref;
    const isElsewhere = state.config.current?.images[ref]?.build.is === 'elsewhere';
    if (isElsewhere && isSameImage(ref, running)) return ref;
  }
  return null;
}

/** Runtimes report short names in full: `nginx` as `docker.io/library/nginx:latest`. */
export const isSameImage = (a: string, b: string): boolean => {
  const full = (name: string): string => {
    const [path = '', ...rest] = name.split('/');
    const hasHost = rest.length > 0 && (/[.:]/.test(path) || path === 'localhost');
    const long = hasHost ? name : `docker.io/${rest.length > 0 ? name : `library/${name}`}`;
    return /:[^/]+$/.test(long) || long.includes('@') ? long : `${long}:latest`;
  };
  return full(a) === full(b);
};
