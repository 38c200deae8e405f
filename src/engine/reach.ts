// What the configuration needs of the outside, which namespace it means, and whether this cluster may be touched at all.

import { usesDocker } from '../model/builds/who-builds.ts';
import { sharesDaemon } from '../model/hosts/shared-daemon.ts';
import type { KubeInfo } from '../model/ports.ts';
import { problemCodes } from '../model/problems/code-names.ts';
import type { Problem } from '../model/problems/problem.ts';
import type { Project } from '../model/project.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { lookup } from '../model/text/lookup.ts';
import { those } from './resources/those.ts';

export const needsCluster = (state: EngineState): boolean =>
  state.phase === 'up' &&
  (clusteredIn(state).length > 0 || Object.values(state.removals).some(({ compose }) => compose === undefined));

const clusteredIn = those(({ spec }: ResourceState) => spec.kind === 'kubernetes');
const containedIn = those(({ spec }: ResourceState) => spec.kind === 'compose');

export const needsDocker = (state: EngineState): boolean =>
  state.phase === 'up' &&
  (containedIn(state).length > 0 ||
    Object.values(state.removals).some(({ compose }) => compose !== undefined) ||
    clusteredIn(state).some(
      ({ spec }) =>
        spec.kind === 'kubernetes' &&
        spec.images.some((ref) => usesDocker(lookup(state.config.current?.images, ref)?.build)),
    ));

/** Out of reach from the start, or lost on the way. */
export const isDockerGone = ({ kind, code }: Problem): boolean =>
  kind === 'unavailable' && (code === problemCodes.dockerOutOfReach || code === problemCodes.dockerLost);

/** Whose objects this session's are. Asked for only where a configuration is loaded. */
export function projectOf(state: EngineState): Project {
  if (!state.config.current) throw new Error('no configuration is loaded');
  return state.config.current.project;
}

/** Command line, then configuration, then the context's own. */
export const namespaceOf = (state: EngineState): string =>
  state.options.namespace ?? state.config.current?.kubernetes?.namespace ?? state.cluster.info?.namespace ?? 'default';

/** Namespaces that hold pods of ours; none while the cluster is not to be touched. */
export function namespacesOf(state: EngineState): Readonly<Record<string, true>> {
  const names: Record<string, true> = {};
  if (!state.cluster.ok) return names;
  for (const { spec } of clusteredIn(state)) {
    if (spec.kind !== 'kubernetes') continue;
    for (const { object } of spec.objects) names[object.metadata.namespace ?? namespaceOf(state)] = true;
    if (spec.selectors.length > 0) names[namespaceOf(state)] = true;
  }
  return names;
}

/**
 * Nothing is deployed to a context that is neither a well-known local cluster, nor pinned, nor allowed in the configuration:
 * a kubectl context left on production must not be a deploy away. `--context` selects, it does not allow.
 */
export function guardProblem(state: EngineState): Problem | null {
  const { info } = state.cluster;
  const { current } = state.config;
  if (!info || !current) return null;
  const pinned = current.kubernetes?.context ?? null;
  if (pinned !== null && pinned !== info.context)
    return refused(
      `sluice.yaml pins the context ${pinned}, but ${info.context} was asked for`,
      'leave --context out, or change kubernetes.context',
    );
  if (info.local !== null || pinned === info.context || current.kubernetes?.allow.includes(info.context))
    return modeProblem(state, info);
  return refused(
    `the context ${info.context} (${info.server}) is not a known local cluster: nothing is deployed to it`,
    `if it is yours to break, add it: kubernetes: {allow: [${info.context}]} in sluice.yaml`,
  );
}

const refused = (what: string, hint: string): Problem => ({ kind: 'yours', code: 'S360', what, hint });

/** Containers can be updated by Docker only where Docker runs them. */
function modeProblem({ options, docker }: EngineState, info: KubeInfo): Problem | null {
  if (options.updateMode !== 'container') return null;
  if (info.local !== null && (docker.info === null || sharesDaemon(info, docker.info))) return null;
  return {
    kind: 'yours',
    code: 'S708',
    what: `--update-mode container: the cluster of ${info.context} does not run its containers by your Docker daemon, so that they cannot be updated by it`,
    hint: 'use auto, or synclet or exec, which reach containers through the cluster',
  };
}

/** The cluster's health with the guard's verdict in it. */
export function withGuard(state: EngineState): EngineState {
  if (!state.cluster.info) return state;
  const problem = guardProblem(state);
  if (problem) return { ...state, cluster: { info: state.cluster.info, ok: false, status: 'failing', problem } };
  const code = state.cluster.problem?.code;
  return code === problemCodes.refusedContext || code === problemCodes.otherDaemon
    ? { ...state, cluster: { info: state.cluster.info, ok: true, status: 'ok' } }
    : state;
}
