// What is on disk is known, or it is said that it is not: nothing runs on a project that is not there, and nothing is live.
import { describe, expect, it } from 'vitest';
import { configOutlook } from '../../src/engine/outlook.ts';
import type { Problem } from '../../src/model/problems/problem.ts';
import { config, local, world } from './world.ts';

const limit: Problem = { kind: 'unavailable', code: 'S500', what: 'the limit is reached' };
const brokeDown: Problem = { kind: 'unavailable', code: 'S506', what: 'watching broke down' };
const back = { type: 'files/watching', files: 1, ms: 1 } as const;

describe('a project directory that is not there', () => {
  it('holds what wants to run, is told, and is what a wait for fresh files ends with; back, all goes on', () => {
    const of = world(config([local('a')])).succeeds('a');
    of.put({ type: 'files/away', dir: '/p' }).save('local:a');
    expect(of.of('a').update.hold).toEqual({ reason: 'watching', on: ['files'] });
    expect(of.state.feeds.files).toMatchObject({
      ok: false,
      problem: { code: 'S509', what: '/p is not there any more' },
    });
    expect(of.state.isIdle).toBe(false);
    expect(configOutlook(of.state, { fresh: true })).toMatchObject([{ code: 'S509' }]);
    expect(configOutlook(of.state, { fresh: false })).toEqual([]);
    of.put(back);
    expect(of.of('a').update.now.is).toBe('wanted');
    expect(of.state.feeds.files).toEqual({ ok: true, status: 'ok' });
    expect(configOutlook(of.succeeds('a').state, { fresh: true })).toEqual([]);
  });

  it('does not hide for good what can only be polled', () => {
    const of = world(config([local('a')])).put({ type: 'files/troubled', problem: limit });
    of.put({ type: 'files/away', dir: '/p' });
    expect(of.state.feeds.files?.problem?.code).toBe('S509');
    of.put(back);
    expect(of.state.feeds.files?.problem?.code).toBe('S500');
    of.put({ type: 'files/mended' });
    expect(of.state.feeds.files).toEqual({ ok: true, status: 'ok' });
  });
});

it('a watcher that broke down is told until another has looked at everything', () => {
  const of = world(config([local('a')])).put({ type: 'files/troubled', problem: brokeDown });
  expect(of.state.feeds.files?.ok).toBe(false);
  expect(of.put(back).state.feeds.files?.ok).toBe(true);
});
