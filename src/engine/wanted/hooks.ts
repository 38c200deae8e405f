// Hooks of charts that have had their moment, and what of them is deleted then.
import type { ObjectRef } from '../../model/config.ts';
import { type Ending, hookOf, objectRef } from '../../model/manifests.ts';
import type { Project } from '../../model/project.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { isOver } from '../plan/observe.ts';
import { namespaceOf, projectOf } from '../reach.ts';
import { those } from '../resources/those.ts';

export interface EndedHook {
  readonly resource: string;
  readonly project: Project;
  readonly refs: readonly ObjectRef[];
}

/** By resource and run: each run of a hook has its own end. */
export function endedHooks(state: EngineState): Readonly<Record<string, EndedHook>> {
  const ended: Record<string, EndedHook> = {};
  if (!state.cluster.ok) return ended;
  for (const each of hooksIn(state)) {
    const resource = each.spec.name;
    const ending = endingOf(state, each);
    const refs = ending === null ? [] : refsOf(each, ending, namespaceOf(state));
    if (refs.length > 0)
      ended[`${resource}\n${each.used.generations}\n${ending}`] = { resource, project: projectOf(state), refs };
  }
  return ended;
}

const hooksIn = those(({ spec }: ResourceState) => spec.kind === 'kubernetes' && spec.release?.hook !== undefined);

function endingOf(state: EngineState, { spec, runtime }: ResourceState): Ending | null {
  const release = spec.kind === 'kubernetes' ? spec.release : undefined;
  if (!release?.hook) return null;
  if (isOver(runtime)) return 'failed';
  const same = hooksIn(state).filter(
    (other) =>
      other.enabled &&
      other.spec.kind === 'kubernetes' &&
      other.spec.release?.name === release.name &&
      other.spec.release.hook?.when === release.hook?.when,
  );
  return same.every((other) => /^(done|ready)$/.test(other.runtime.status)) ? 'succeeded' : null;
}

/** A definition stays, as with helm: everything of its kind would go with it. */
function refsOf(resource: ResourceState, ending: Ending, namespace: string): readonly ObjectRef[] {
  if (resource.kind !== 'kubernetes') return [];
  const { spec } = resource;
  const deployed = resource.deploy.result;
  if (!deployed || deployed.objects.length === 0) return [];
  return spec.objects
    .map(({ object }) => object)
    .filter((object) => object.kind !== 'CustomResourceDefinition' && hookOf(object)?.deletedWhen.includes(ending))
    .map((object) => objectRef(object, namespace));
}
