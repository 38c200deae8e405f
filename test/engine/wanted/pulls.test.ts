// Whose image is pulled while it waits: that of a service which is not built here, and which only services keep waiting.
import { expect, it } from 'vitest';
import { pullsAhead } from '../../../src/engine/wanted/pulls.ts';
import type { ResourceSpec } from '../../../src/model/config.ts';
import { config, kube, local, need, service, servicesUp, world } from '../world.ts';

const pulled = { images: [] };
const db = service('db', pulled);

it.each<readonly [string, readonly ResourceSpec[], readonly string[]]>([
  ['one that waits for a service', [db, service('web', { ...pulled, needs: [need('db')] })], ['web']],
  [
    'all of a chain',
    [db, service('api', { ...pulled, needs: [need('db')] }), service('web', { ...pulled, needs: [need('api')] })],
    ['api', 'web'],
  ],
  ['none that is built', [db, service('web', { needs: [need('db')] })], []],
  ['none that waits for nothing', [db, service('web', pulled)], []],
  ['none that a local command may make', [local('make'), service('web', { ...pulled, needs: [need('make')] })], []],
  [
    'none that a local command may make, far away',
    [
      local('make'),
      service('api', { ...pulled, needs: [need('make')] }),
      service('web', { ...pulled, needs: [need('api')] }),
    ],
    [],
  ],
  [
    'none whose need nobody has asked for',
    [service('db', { ...pulled, start: false }), service('web', { ...pulled, needs: [need('db')] })],
    [],
  ],
  ['none of the cluster', [db, kube('web', { needs: [need('db')] })], []],
])('%s', (_, specs, expected) => {
  expect(pullsAhead(world(config(specs)).state).map(({ name }) => name)).toEqual(expected);
});

it('ends with its wait, and with the session', () => {
  const of = world(config([db, service('web', { ...pulled, needs: [need('db', 'order')] })]));
  expect(pullsAhead(of.state)).toHaveLength(1);
  const deployed = servicesUp('db-1');
  of.started('db').ended('db', {
    is: 'ok',
    result: { strategy: 'x', images: [], deployed, ledgers: {}, unchanged: false },
  });
  expect(pullsAhead(of.state)).toHaveLength(1);
  of.put({ type: 'user/asked', action: { do: 'stop' }, by: 'socket' });
  expect(pullsAhead(of.state)).toEqual([]);
});
