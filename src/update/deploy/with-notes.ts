// A way of deploying that knows what earlier sessions deployed: what is no longer in the manifests goes, Jobs that were done
// are not run again. What is about to be deployed is noted before, so that nothing is lost when we are killed half-way.
import { concatMap, defer, from, type Observable, of } from 'rxjs';
import { objectRef } from '../../model/manifests.ts';
import type { Ports } from '../../model/ports.ts';
import { problemOf } from '../../model/problems/problem.ts';
import type { Deployed, KubeWork, RunEvent } from '../../model/run.ts';
import type { Strategy } from '../strategy.ts';
import { type DeployedNote, type DeployedNotes, mayBeThere, nothing, type Place, placeOf, union } from './notes.ts';
import { staysBehind } from './objects/deletable.ts';
import { noteSession } from './session-note.ts';

export function remembering(strategy: Strategy, notes: DeployedNotes): Strategy {
  return {
    ...strategy,
    run: (work, stop, ports) =>
      work.kind === 'kubernetes' && work.half !== 'build'
        ? defer(() => from(before(work, notes, ports))).pipe(
            concatMap(({ place, note }) =>
              strategy
                .run(withNote(work, note), stop, ports)
                .pipe(concatMap((event) => after(event, work, place, notes, ports))),
            ),
          )
        : strategy.run(work, stop, ports),
  };
}

interface Known {
  /** Null while the cluster is out of reach: the run itself will say so. */
  readonly place: Place | null;
  readonly note: DeployedNote;
}

async function before(work: KubeWork, notes: DeployedNotes, ports: Ports): Promise<Known> {
  const kube = await ports.kube().catch(() => null);
  if (!kube) return { place: null, note: nothing };
  if (work.cause !== 'files') await noteSession(ports.disk, work.config, work);
  const place = placeOf(kube.info, namespaceOf(work));
  const note = await notes.recall(place, work.resource);
  const planned = work.spec.objects.map(({ object }) => objectRef(object));
  const known = new Set(mayBeThere(note).map(nameKey));
  const unknown = planned.filter((ref) => !known.has(nameKey(ref)));
  if (unknown.length > 0)
    await write(notes, place, work, { ...note, planned: union(note.planned ?? [], unknown) }, ports);
  return { place, note };
}

/** A namespace that the manifest does not name is filled in later, by kind: until then the rest tells them apart. */
const nameKey = ({ apiVersion, kind, name }: ReturnType<typeof objectRef>): string => `${apiVersion} ${kind} ${name}`;

const namespaceOf = (work: KubeWork): string => work.kubernetes.namespace ?? 'default';

function withNote(work: KubeWork, note: DeployedNote): KubeWork {
  const objects = union(work.deployed?.objects ?? [], mayBeThere(note));
  const jobs = { ...work.deployed?.jobs, ...note.jobs };
  if (objects.length === 0 && Object.keys(jobs).length === 0) return work;
  const empty: Deployed = {
    objects: [],
    templates: [],
    namespace: namespaceOf(work),
    alreadyDone: false,
    images: {},
  };
  return { ...work, remembered: note.objects, deployed: { ...(work.deployed ?? empty), objects, jobs } };
}

function after(
  event: RunEvent,
  work: KubeWork,
  place: Place | null,
  notes: DeployedNotes,
  ports: Ports,
): Observable<RunEvent> {
  const deployed = event.is === 'ended' && event.outcome.is === 'ok' ? event.outcome.result.deployed : null;
  if (!deployed || place === null) return of(event);
  const noted = async () => {
    const before = await notes.recall(place, work.resource);
    const there = new Set(deployed.objects.map(nameKey));
    const kept = union(
      before.kept,
      mayBeThere(before).filter((ref) => staysBehind(ref)),
    ).filter((ref) => !there.has(nameKey(ref)));
    await write(notes, place, work, { objects: deployed.objects, jobs: deployed.jobs ?? {}, kept }, ports);
    return event;
  };
  return from(noted());
}

/** A project directory that cannot be written to must still deploy. */
async function write(notes: DeployedNotes, place: Place, work: KubeWork, note: DeployedNote, ports: Ports) {
  await notes.write(place, work.resource, note).catch((error: unknown) => {
    const origin = { resource: work.resource, source: 'build' as const, run: work.run };
    ports.logs.line(origin, 'warn', problemOf(error).what, ports.now());
  });
}
