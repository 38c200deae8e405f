// Resources that the configuration lost while no session ran: what they had deployed goes, unless another one has it now.
import { catchError, distinctUntilChanged, filter, map, mergeMap, type Observable, of, takeUntil } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { namespaceOf, projectOf } from '../engine/reach.ts';
import { mayTakeDown, wantedObjects } from '../engine/wanted/orphans.ts';
import type { ObjectRef } from '../model/config.ts';
import type { Fact } from '../model/fact.ts';
import type { Ports } from '../model/ports.ts';
import { ProblemError, problemOf } from '../model/problems/problem.ts';
import type { EngineState } from '../model/state.ts';
import { lookup } from '../model/text/lookup.ts';
import { abortable } from '../operators/abortable.ts';
import { type DeployedNotes, mayBeThere, nothing, placeOf, union } from '../update/deploy/notes.ts';
import { staysBehind } from '../update/deploy/objects/deletable.ts';
import { deleteParts } from '../update/deploy/objects/delete.ts';
import { namespacedKinds, placedRefs, refKey } from '../update/deploy/objects/namespaces.ts';
import { nameOf } from '../update/deploy/objects/ownership.ts';

export function orphans(notes: DeployedNotes): Feed<Ports> {
  return {
    name: 'orphans',
    run: (state$, ports) =>
      state$.pipe(
        filter(mayTakeDown),
        distinctUntilChanged((a, b) => a.config.current === b.config.current),
        mergeMap(
          (state): Observable<Fact> =>
            abortable((stop) => notes.during(takeDown(state, notes, ports, stop))).pipe(
              filter(() => state.feeds.orphans?.ok !== true),
              map((): Fact => ({ type: 'feed/healthy', feed: 'orphans' })),
              // Noted still: the next session tries again.
              catchError((error) =>
                of<Fact>({ type: 'feed/failed', feed: 'orphans', problem: problemOf(error), retryAt: null }),
              ),
              // A cluster that does not answer holds up no end.
              takeUntil(state$.pipe(filter(({ phase }) => phase !== 'up'))),
            ),
          1,
        ),
      ),
  };
}

async function takeDown(state: EngineState, notes: DeployedNotes, ports: Ports, stop: AbortSignal): Promise<void> {
  const kube = await ports.kube();
  const [namespace, project] = [namespaceOf(state), projectOf(state)];
  const place = placeOf(kube.info, namespace);
  const lost = [...(await notes.all(place))].filter(([name]) => !lookup(state.config.current?.resources, name));
  if (lost.length === 0) return;
  const isNamespaced = namespacedKinds(kube, [], stop);
  const placeAll = (refs: readonly ObjectRef[]) => placedRefs(refs, namespace, isNamespaced);
  const wanted = new Set((await placeAll(wantedObjects(state))).map(refKey));
  const parts = await Promise.all(
    lost.map(async ([resource, note]) => {
      const refs = (await placeAll(mayBeThere(note))).filter((ref) => !wanted.has(refKey(ref)));
      return { resource, refs, remembered: note.objects };
    }),
  );
  const { refused } = await deleteParts(kube, parts, { project }, ports, stop);
  for (const [i, { resource, refs }] of parts.entries()) {
    const left = union(
      lost[i]?.[1].kept ?? [],
      refs.filter((ref) => staysBehind(ref)),
    );
    // What is refused is tried again by the next session.
    const isRefused = refused.some((problem) => refs.some((ref) => problem.what.startsWith(nameOf(ref))));
    if (!isRefused) await notes.write(place, resource, left.length > 0 ? { ...nothing, kept: left } : null);
  }
  if (refused[0]) throw new ProblemError(refused[0]);
}
