// Which resource of this project a pod belongs to; what another project made belongs to none.
import { projectLabel, resourceLabel } from '../../model/labels.ts';
import type { Pod, Service } from '../../model/pods/pod.ts';
import { isOf } from '../../model/project.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { labelValue } from '../../model/text/fitted-name.ts';
import { lookup } from '../../model/text/lookup.ts';
import { those } from '../resources/those.ts';

/** A pod or workload: by our label, else by a `selectors` entry of a resource. */
export function resourceOfPod(state: EngineState, pod: Labelled): string | null {
  if (pod.compose) return byService(state, pod.compose);
  if (isAnothers(state, pod)) return null;
  return byLabel(state, pod) ?? bySelector(state, pod);
}

function byLabel(state: EngineState, { labels, place }: Labelled): string | null {
  const labelled = labels[resourceLabel];
  if (!labelled || !isProjects(state, labels, place)) return null;
  if (Object.hasOwn(state.resources, labelled)) return labelled;
  // A name with characters that labels cannot carry was changed for the label.
  return state.order.find((name) => labelValue(name) === labelled) ?? null;
}

function byService(state: EngineState, { project, service }: NonNullable<Pod['compose']>): string | null {
  const isIt = ({ spec }: ResourceState): boolean =>
    spec.kind === 'compose' && spec.service === service && spec.compose.name === project;
  const named = Object.hasOwn(state.resources, service) ? lookup(state.resources, service) : undefined;
  if (named && isIt(named)) return service;
  return Object.entries(state.resources).find(([, resource]) => isIt(resource))?.[0] ?? null;
}

function bySelector(state: EngineState, { labels }: Labelled): string | null {
  const found = selectingIn(state).find(
    ({ spec }) => spec.kind === 'kubernetes' && spec.selectors.some((selector) => matches(selector, labels)),
  );
  return found?.spec.name ?? null;
}

const selectingIn = those(({ spec }: ResourceState) => spec.kind === 'kubernetes' && spec.selectors.length > 0);

type Labelled = Pick<Pod | Service, 'labels' | 'place'> & Pick<Partial<Pod>, 'compose'>;

/** Says that it belongs to another project. An operator may have copied the label without the place that goes with it. */
export function isAnothers(state: EngineState, { labels, place = null }: Labelled): boolean {
  const project = state.config.current?.project;
  const label = labels[projectLabel];
  if (!project || label === undefined) return false;
  return label !== project.label || (place !== null && !isOf(project, { project: label, place }));
}

function isProjects(state: EngineState, labels: Pod['labels'], place: Pod['place'] = null): boolean {
  const project = state.config.current?.project;
  const label = labels[projectLabel];
  return project !== undefined && label !== undefined && isOf(project, { project: label, place });
}

export const matches = (
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean => {
  const entries = Object.entries(selector);
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
};
