// A Job that ran to its end is noted once, with all that is known of it, and nothing else is.
import { expect, it } from 'vitest';
import { createDisk } from '../../src/adapters/fs/disk.ts';
import { finishedJobs } from '../../src/controllers/finished-jobs.ts';
import { orphans } from '../../src/controllers/orphans.ts';
import type { Ports } from '../../src/model/ports.ts';
import type { Deployed } from '../../src/model/run.ts';
import type { EngineState } from '../../src/model/state.ts';
import { createDeployedNotes, type DeployedNotes, placeOf } from '../../src/update/deploy/notes.ts';
import { config, kube, object, world } from '../engine/world.ts';
import { eventually } from '../support/facts.ts';
import { feed } from '../support/feeds.ts';
import { memoryLogs } from '../support/ports.ts';
import { tempProject } from '../support/temp.ts';

const ref = { apiVersion: 'batch/v1', kind: 'Job', name: 'seed', namespace: 'default' };
const deployed: Deployed = {
  objects: [ref],
  templates: [],
  namespace: 'default',
  alreadyDone: true,
  images: {},
  jobs: { 'batch/v1 Job default seed': { digest: 'd', isDone: false, home: null } },
};
const job = kube('seed', {
  objects: [object('Job', 'seed')],
  images: [],
  workload: { kind: 'Job', name: 'seed', namespace: null, replicas: 1 },
  ready: 'job',
});
const notesIn = (dir: string) => createDeployedNotes(createDisk(), dir, 'sluice.yaml');
const placeIn = ({ cluster }: EngineState): string => placeOf(cluster.info as never, 'default');

it('is noted when it is done, and once', async () => {
  const notes = notesIn(tempProject());
  const session = world(config([job, kube('web', { images: [] })]));
  const fed = feed(finishedJobs(notes), {} as Ports, session.state);
  session.succeeds('web', { deployed: { ...deployed, jobs: {} } });
  fed.next(session.state);
  await notes.settled();
  expect([...(await notes.all(placeIn(session.state))).keys()]).toEqual([]);
  session.succeeds('seed', { deployed });
  expect(session.of('seed').runtime.status).toBe('done');
  for (let again = 0; again < 3; again++) fed.next({ ...session.state });
  await notes.settled();
  const noted = await notes.recall(placeIn(session.state), 'seed');
  expect(noted.objects).toEqual([ref]);
  expect(Object.values(noted.jobs)).toEqual([{ digest: 'd', isDone: true, home: null }]);
  expect(fed.facts).toEqual([]);
});

it('one that cannot be noted runs once more, and the feed goes on', async () => {
  const notes = notesIn(tempProject());
  let tries = 0;
  const broken: DeployedNotes = {
    ...notes,
    write: () => {
      tries++;
      return Promise.reject(new Error('full'));
    },
  };
  const session = world(config([job])).succeeds('seed', { deployed });
  const fed = feed(finishedJobs(broken), {} as Ports, session.state);
  await broken.settled();
  expect(tries).toBe(1);
  expect(fed.error).toBe(null);
  expect(fed.facts).toEqual([]);
  fed.complete();
  expect(fed.isComplete).toBe(true);
});

it('what the configuration lost is looked for once for each configuration, and only when all is known', async () => {
  const notes = notesIn(tempProject());
  const asked: string[] = [];
  const counted: DeployedNotes = {
    ...notes,
    all: (place) => {
      asked.push(place);
      return notes.all(place);
    },
  };
  const session = world(config([kube('web', { images: [] })]));
  const ports = {
    kube: async () => ({ info: session.state.cluster.info }),
    logs: memoryLogs(),
    now: Date.now,
  } as unknown as Ports;
  const away = { ...session.state, cluster: { ...session.state.cluster, ok: false } };
  const fed = feed(orphans(counted), ports, away);
  fed.next({ ...away });
  await notes.settled();
  expect(asked).toEqual([]);
  for (let again = 0; again < 3; again++) fed.next({ ...session.state });
  await eventually(() => fed.facts.length > 0 || null, 'all was looked through');
  await notes.settled();
  expect(asked).toEqual([placeIn(session.state)]);
  expect(fed.facts).toEqual([{ type: 'feed/healthy', feed: 'orphans' }]);
});
