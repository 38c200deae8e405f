// Resources that the configuration lost while no session ran: what they had deployed goes, unless another one has it now.
import { distinctUntilChanged, filter, from, ignoreElements, mergeMap, type Observable } from 'rxjs';
import { deleteObjects, staysBehind } from '../build/delete.ts';
import { type DeployedNotes, mayBeThere, nothing, placeOf, union } from '../build/deployed-notes.ts';
import { namespacedKinds, placedRefs, refKey } from '../build/placing.ts';
import type { Feed } from '../engine/engine.ts';
import { namespaceOf, projectOf } from '../engine/reach.ts';
import type { ObjectRef } from '../model/config.ts';
import type { Fact } from '../model/fact.ts';
import { lookup } from '../model/lookup.ts';
import { objectRef } from '../model/manifests.ts';
import type { Ports } from '../model/ports.ts';
import { problemOf } from '../model/problem.ts';
import type { EngineState } from '../model/state.ts';

export function orphans(notes: DeployedNotes): Feed<Ports> {
  return {
    name: 'orphans',
    run: (state$, ports) =>
      state$.pipe(
        // What goes in this session is taken down by `removals`; nothing is judged by a half-loaded configuration.
        filter((state) => state.cluster.ok && state.phase === 'up' && Object.keys(state.removals).length === 0),
        distinctUntilChanged((a, b) => a.config.current === b.config.current),
        filter((state) => state.config.current !== null),
        mergeMap(
          (state): Observable<Fact> => from(notes.during(takeDown(state, notes, ports))).pipe(ignoreElements()),
          1,
        ),
      ),
  };
}

async function takeDown(state: EngineState, notes: DeployedNotes, ports: Ports): Promise<void> {
  const kube = await ports.kube();
  const stop = new AbortController().signal;
  const [namespace, project] = [namespaceOf(state), projectOf(state)];
  const place = placeOf(kube.info, namespace);
  const lost = [...(await notes.all(place))].filter(([name]) => !lookup(state.config.current?.resources, name));
  if (lost.length === 0) return;
  const isNamespaced = namespacedKinds(kube, [], stop);
  const placeAll = (refs: readonly ObjectRef[]) => placedRefs(refs, namespace, isNamespaced);
  const wanted = new Set((await placeAll(wantedIn(state))).map(refKey));
  for (const [resource, note] of lost) {
    const { objects, kept } = note;
    const gone = (await placeAll(mayBeThere(note))).filter((ref) => !wanted.has(refKey(ref)));
    try {
      await deleteObjects(kube, gone, { resource, project, remembered: objects }, ports, stop);
      const left = union(
        kept,
        gone.filter((ref) => staysBehind(ref)),
      );
      await notes.write(place, resource, left.length > 0 ? { ...nothing, kept: left } : null);
    } catch (error) {
      // Noted still: the next session tries again.
      ports.logs.line({ resource, source: 'engine' }, 'warn', problemOf(error).what, ports.now());
    }
  }
}

const wantedIn = (state: EngineState): readonly ObjectRef[] =>
  Object.values(state.config.current?.resources ?? {}).flatMap((spec) =>
    spec.kind === 'kubernetes' ? spec.objects.map(({ object }) => objectRef(object)) : [],
  );
