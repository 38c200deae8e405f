// Hooks are deleted as their policy says, once all of a release that run at that moment have ended.
import { catchError, distinctUntilChanged, EMPTY, last, map, type Observable, switchMap, take, takeUntil } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { isOver } from '../engine/plan/observe.ts';
import { namespaceOf, projectOf } from '../engine/reach.ts';
import { those } from '../engine/resources/those.ts';
import type { ObjectRef } from '../model/config.ts';
import type { Fact } from '../model/fact.ts';
import { type Ending, hookOf, objectRef } from '../model/manifests.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problem.ts';
import type { Project } from '../model/project.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { abortable } from '../operators/abortable.ts';
import { eachKey } from '../operators/each-key.ts';
import { deleteObjects } from '../update/deploy/objects/delete.ts';

export const hooks: Feed<Ports> = {
  name: 'hooks',
  run: (state$, ports) =>
    state$.pipe(
      distinctUntilChanged((a, b) => a.resources === b.resources && a.cluster.ok === b.cluster.ok),
      map(endedIn),
      eachKey((_, ended$: Observable<Ended>) =>
        ended$.pipe(
          take(1),
          switchMap((ended) => remove(ended, ports)),
          takeUntil(ended$.pipe(last(null, null))),
        ),
      ),
    ),
};

interface Ended {
  readonly resource: string;
  readonly project: Project;
  readonly refs: readonly ObjectRef[];
}

/** By resource and run: each run of a hook has its own end. */
function endedIn(state: EngineState): Readonly<Record<string, Ended>> {
  const ended: Record<string, Ended> = {};
  if (!state.cluster.ok) return ended;
  for (const each of hooksIn(state)) {
    const resource = each.spec.name;
    const ending = endingOf(state, each);
    const refs = ending === null ? [] : refsOf(each, ending, namespaceOf(state));
    if (refs.length > 0)
      ended[`${resource}\n${each.generation}\n${ending}`] = { resource, project: projectOf(state), refs };
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
function refsOf({ spec, deployed }: ResourceState, ending: Ending, namespace: string): readonly ObjectRef[] {
  if (spec.kind !== 'kubernetes' || !deployed || deployed.objects.length === 0) return [];
  return spec.objects
    .map(({ object }) => object)
    .filter((object) => object.kind !== 'CustomResourceDefinition' && hookOf(object)?.deletedWhen.includes(ending))
    .map((object) => objectRef(object, namespace));
}

function remove({ resource, project, refs }: Ended, ports: Ports): Observable<Fact> {
  return abortable(async (stop) =>
    deleteObjects(await ports.kube(), { resource, refs }, { project }, ports, stop),
  ).pipe(
    catchError((error) => {
      const text = `hook not deleted: ${problemOf(error).what}`;
      ports.logs.line({ resource, source: 'engine' }, 'warn', text, ports.now());
      return EMPTY;
    }),
    switchMap(() => EMPTY),
  );
}
