import { expect, it } from 'vitest';
import type { PublicState } from '../../../src/model/public-state.ts';
import { driven } from './driven.ts';
import { resource, shop } from './states.ts';

const one = (status: 'ok' | 'failed' | 'running'): PublicState => ({
  ...shop,
  order: ['web'],
  resources: { web: resource('web', { update: { status, why: [] } }) },
});

it('says once that something failed, and once that it is well again', async () => {
  const view = await driven(80, 24, one('ok'));
  for (const status of ['running', 'failed', 'failed', 'running', 'ok', 'ok'] as const) await view.state(one(status));
  expect(view.asked).toEqual([
    { do: 'notify', text: 'web failed', bad: true },
    { do: 'notify', text: 'web well again', bad: false },
  ]);
});

it('is quiet about how things stood before, and when it is switched off', async () => {
  const view = await driven(80, 24, one('failed'));
  expect(view.asked).toEqual([]);
  await view.keys('b');
  await view.state(one('ok'));
  expect(view.asked).toEqual([]);
});
