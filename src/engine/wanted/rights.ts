// Rights on pods that what is deployed asks for: its logs, its ports, and commands in containers that are updated in place.
import type { EngineState, ResourceState } from '../../model/state.ts';
import { namespaceOf } from '../reach.ts';
import { those } from '../resources/those.ts';
import { hasLiveRules } from '../runtime/containers.ts';

export interface Right {
  readonly verb: 'get' | 'create';
  readonly subresource: 'log' | 'portforward' | 'exec';
  readonly namespace: string;
  /** What cannot be done without it. */
  readonly what: string;
}

type Kind = Pick<Right, 'verb' | 'subresource'> & { readonly without: (names: string) => string };

const logs: Kind = { verb: 'get', subresource: 'log', without: (names) => `the log of ${names} cannot be read` };
const ports: Kind = {
  verb: 'create',
  subresource: 'portforward',
  without: (names) => `the ports of ${names} cannot be reached`,
};
const commands: Kind = {
  verb: 'create',
  subresource: 'exec',
  without: (names) => `containers of ${names} cannot be updated in place`,
};

/** By the name of the feed that tells of it: `pods/log/default`. One for each namespace, whichever resources want it. */
export function rightsOf(state: EngineState): Readonly<Record<string, Right>> {
  const wanting = new Map<string, { readonly kind: Kind; readonly namespace: string; readonly names: string[] }>();
  for (const resource of state.cluster.ok ? deployedIn(state) : []) {
    if (resource.kind !== 'kubernetes') continue;
    const { spec } = resource;
    const namespace = spec.workload?.namespace ?? namespaceOf(state);
    const kinds = [
      ...(spec.workload || spec.selectors.length > 0 ? [logs] : []),
      ...(spec.ports.length > 0 ? [ports] : []),
      ...(isUpdatedByExec(state) && hasLiveRules(state, resource) ? [commands] : []),
    ];
    for (const kind of kinds) {
      const key = `pods/${kind.subresource}/${namespace}`;
      const known = wanting.get(key) ?? { kind, namespace, names: [] };
      known.names.push(spec.name);
      wanting.set(key, known);
    }
  }
  return Object.fromEntries(
    [...wanting].map(
      ([
        feed,
        {
          kind: { verb, subresource, without },
          namespace,
          names,
        },
      ]) => [feed, { verb, subresource, namespace, what: without(named(names)) }],
    ),
  );
}

const deployedIn = those(
  (resource: ResourceState) => resource.kind === 'kubernetes' && resource.deploy.result !== null,
);

const isUpdatedByExec = ({ options: { updateMode } }: EngineState): boolean =>
  updateMode === 'auto' || updateMode === 'synclet' || updateMode === 'exec';

const named = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
