// What every controller keeps to: where all is as it should be it touches nothing, however often it is started again, and it
// ends with the session.
import { describe, expect, it } from 'vitest';
import { builds } from '../../src/controllers/builds.ts';
import { finishedJobs } from '../../src/controllers/finished-jobs.ts';
import { hooks } from '../../src/controllers/hooks.ts';
import { orphans } from '../../src/controllers/orphans.ts';
import { portForwards } from '../../src/controllers/port-forwards.ts';
import { prune } from '../../src/controllers/prune.ts';
import { removals } from '../../src/controllers/removals.ts';
import { restarts } from '../../src/controllers/restarts.ts';
import { servers } from '../../src/controllers/servers.ts';
import { synclets } from '../../src/controllers/synclets.ts';
import { trials } from '../../src/controllers/trials.ts';
import type { Feed } from '../../src/engine/engine.ts';
import type { Ports } from '../../src/model/ports.ts';
import type { EngineState } from '../../src/model/state.ts';
import type { DeployedNotes } from '../../src/update/deploy/notes.ts';
import type { Synclets } from '../../src/update/live/synclet/pool.ts';
import { config, kube, local, world } from '../engine/world.ts';
import { feed, settled } from '../support/feeds.ts';
import { memoryLogs } from '../support/ports.ts';

/** The outside: whoever asks for anything of it is noted. */
function untouched() {
  const touched: string[] = [];
  const noting = (of: string) =>
    new Proxy(
      {},
      {
        get: (_, key) => () => {
          touched.push(`${of}.${String(key)}`);
          return Promise.resolve(new Map());
        },
      },
    );
  const outside = { docker: 'docker', kube: 'kube', proc: 'proc', net: 'net', disk: 'disk', files: 'files' };
  const parts = Object.keys(outside).map((name) => [name, noting(name)]);
  const ports = { ...Object.fromEntries(parts), logs: memoryLogs(), now: () => 0 } as Ports;
  return { touched, ports, notes: noting('notes') as DeployedNotes, pool: noting('pool') as Synclets };
}

const all: readonly [string, (out: ReturnType<typeof untouched>) => Feed<Ports>][] = [
  ['builds', () => builds([])],
  ['synclets', ({ pool }) => synclets(pool)],
  ['servers', () => servers],
  ['port-forwards', () => portForwards],
  ['restarts', () => restarts],
  ['trials', () => trials],
  ['removals', () => removals],
  ['orphans', ({ notes }) => orphans(notes)],
  ['finished jobs', ({ notes }) => finishedJobs(notes)],
  ['hooks', () => hooks],
  ['prune', () => prune],
];

/** All is up, nothing is wanted; the cluster is not there, so that no orphan is looked for. */
const quiet = (): EngineState => {
  const { state } = world(config([local('gen'), kube('web', { images: [] })]))
    .succeeds('gen')
    .succeeds('web');
  return { ...state, cluster: { ...state.cluster, ok: false } };
};

describe.each(all)('%s', (name, make) => {
  it('touches nothing where nothing is to do, started again as well, and ends with the session', async () => {
    const out = untouched();
    for (let start = 0; start < 2; start++) {
      const fed = feed(make(out), out.ports, quiet());
      fed.next({ ...quiet() });
      await settled();
      expect(fed.isComplete, 'while it is up').toBe(false);
      fed.complete();
      await settled();
      expect({ facts: fed.facts, error: fed.error, isComplete: fed.isComplete }).toEqual({
        facts: [],
        error: null,
        isComplete: true,
      });
    }
    expect(out.touched).toEqual([]);
    expect(make(out).name).toBe(name);
  });
});
