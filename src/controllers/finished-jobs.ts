// A Job that ran to its end is noted: the cluster may take its object away, and the next session must not run it again.
import { distinctUntilChanged, filter, from, ignoreElements, mergeMap, type Observable } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { lanes, selecting } from '../engine/lanes.ts';
import { namespaceOf } from '../engine/reach.ts';
import { finishedIn } from '../engine/wanted/finished-jobs.ts';
import type { Fact } from '../model/fact.ts';
import type { Ports } from '../model/ports.ts';
import type { Deployed, JobNote } from '../model/run.ts';
import type { EngineState } from '../model/state.ts';
import { type DeployedNotes, placeOf } from '../update/deploy/notes.ts';

export function finishedJobs(notes: DeployedNotes): Feed<Ports> {
  return {
    name: 'finished jobs',
    run: (state$, ports) =>
      state$.pipe(
        filter((state) => state.cluster.info !== null),
        distinctUntilChanged((a, b) => a.resources === b.resources && a.cluster.info === b.cluster.info),
        selecting(
          'finished jobs',
          notYetNoted,
          lanes('finished jobs', ports, (key, deployed$: Observable<Deployed>) =>
            deployed$.pipe(
              mergeMap(
                (deployed): Observable<Fact> => from(notes.during(note(key, deployed, notes))).pipe(ignoreElements()),
              ),
            ),
          ),
        ),
      ),
  };
}

/** By place and resource. */
function notYetNoted(state: EngineState): Readonly<Record<string, Deployed>> {
  const { info } = state.cluster;
  if (!info) return {};
  const place = placeOf(info, namespaceOf(state));
  return Object.fromEntries([...finishedIn(state)].map(([name, deployed]) => [`${place}\n${name}`, deployed]));
}

async function note(key: string, { objects, jobs = {} }: Deployed, notes: DeployedNotes): Promise<void> {
  const [place = '', resource = ''] = key.split('\n');
  const done = Object.entries(jobs).map(([name, job]): [string, JobNote] => [name, { ...job, isDone: true }]);
  // Where it cannot be written the Job runs once more next time, which every Job must bear.
  const { kept } = await notes.recall(place, resource);
  await notes.write(place, resource, { objects, jobs: Object.fromEntries(done), kept }).catch(() => {});
}
