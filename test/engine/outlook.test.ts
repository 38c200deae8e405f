// What somebody waits for comes, is there, or will not come by itself: then with the cause, and the code of that cause.
import { describe, expect, it } from 'vitest';
import { type Outlook, outlookOf, type Wish } from '../../src/engine/outlook.ts';
import { verdictOf } from '../../src/engine/verdict.ts';
import type { Problem } from '../../src/model/problems/problem.ts';
import {
  cancelled,
  clusterUp,
  config,
  dockerUp,
  failed,
  kube,
  local,
  need,
  pod,
  unavailable,
  type World,
  world,
} from './world.ts';

const named = { fresh: false, isNamed: true };
const fresh = { fresh: true, isNamed: true };
const all = { fresh: true, isNamed: false };

function outlook(of: World, name: string, wish: Wish = named): string {
  const found: Outlook = outlookOf(of.state, name, wish);
  if (found.is === 'there') return 'there';
  return found.is === 'coming' ? `coming: ${found.waits}` : `never ${found.exitCode}: ${found.problem.what}`;
}

const asks = (of: World, action: 'cancel' | 'disable' | 'trigger', resource: string): World =>
  of.put({ type: 'user/asked', action: { do: action, resource }, by: 'socket' });

const manual = (of: World, resource: string): World =>
  of.put({ type: 'user/asked', action: { do: 'mode', mode: 'manual', resource }, by: 'socket' });

describe('a wait ends at once', () => {
  it('for a build that failed with the code of a build, of a deploy with that of a deploy', () => {
    const of = world(config([local('a'), kube('web')])).fails('a');
    expect(outlook(of, 'a')).toBe('never 3: the build failed');
    of.started('web').ended('web', failed({ kind: 'denied', code: 'S1', what: 'forbidden' }, { phase: 'deploy' }));
    expect(outlook(of, 'web')).toBe('never 4: forbidden');
    expect(outlook(of.save('local:a'), 'a', fresh)).toMatch(/^coming/);
  });

  it('for what is held by something that failed, near or far', () => {
    const of = world(
      config([local('a'), local('b', { needs: [need('a')] }), local('c', { needs: [need('b')] })]),
    ).fails('a');
    expect(outlook(of, 'b')).toBe('never 3: b is held by a: the build failed');
    expect(outlook(of, 'c')).toBe('never 3: c is held by b: b is held by a: the build failed');
    expect(outlook(asks(of, 'trigger', 'a'), 'c')).toMatch(/^coming/);
  });

  it('for what needs something disabled or never started', () => {
    const of = world(config([local('a', { start: false }), local('b', { needs: [need('a')] })]));
    expect(outlook(of, 'b')).toMatch(/^never 1: b is held by a: a was never started/);
    expect(outlook(asks(of, 'disable', 'a'), 'b')).toMatch(/^never 1: b is held by a: a is disabled/);
  });

  it('for a run that was cancelled: running, waiting, or the first', () => {
    const of = world(config([local('a'), local('b')], [], 1))
      .succeeds('a')
      .succeeds('b');
    asks(of.save('local:a').started('a'), 'cancel', 'a').ended('a', cancelled);
    expect([outlook(of, 'a', fresh), outlook(of, 'a')]).toEqual(['never 1: a was cancelled', 'there']);
    const held = world(config([local('a'), local('b')], [], 1));
    asks(held, 'cancel', 'b');
    expect(outlook(held, 'b')).toBe('never 1: b was cancelled');
  });

  it('for changes that wait for a trigger, and says which one', () => {
    const of = manual(world(config([local('a')])).succeeds('a'), 'a');
    expect(outlook(of, 'a', fresh)).toBe('there');
    of.save('local:a');
    expect(outlook(of, 'a', fresh)).toMatch(/^never 1: a has changes/);
    expect(outlookOf(of.state, 'a', fresh)).toMatchObject({ problem: { hint: 'sluice trigger a' } });
    expect(outlook(of, 'a')).toBe('there');
  });

  it('for what is disabled or was never asked for, where it is named; else these are left out', () => {
    const of = world(config([local('a', { start: false }), local('b')])).succeeds('b');
    expect([outlook(of, 'a'), outlook(of, 'a', all)]).toEqual([
      'never 1: a was never started: it starts when asked to',
      'there',
    ]);
    asks(of, 'disable', 'b');
    expect([outlook(of, 'b'), outlook(of, 'b', all)]).toEqual(['never 1: b is disabled', 'there']);
  });

  it('for a cluster that may not be touched', () => {
    const of = world(config([kube('web')]), { reach: false });
    const problem: Problem = { kind: 'yours', code: 'S2', what: 'the context prod is not allowed' };
    of.put(dockerUp);
    of.put({ type: 'cluster/failed', problem, retryAt: null });
    expect(outlook(of, 'web')).toBe('never 2: the context prod is not allowed');
    expect(outlook(of.put(clusterUp), 'web')).toMatch(/^coming/);
  });

  it('not with the last good news of a cluster that is out of reach: nor is that a verdict, nor are its watches well', () => {
    const of = world(config([kube('web'), local('a')]))
      .succeeds('a')
      .succeeds('web')
      .put({ type: 'pod/seen', pod: pod('web') });
    const watched = 'pods/default';
    of.put({ type: 'feed/healthy', feed: watched }).put({ type: 'feed/healthy', feed: 'files' });
    expect([outlook(of, 'web'), verdictOf(of.state, 0)?.ok]).toEqual(['there', true]);
    of.put({ type: 'cluster/failed', problem: unavailable, retryAt: null });
    expect([outlook(of, 'web'), outlook(of, 'a')]).toEqual([`coming: ${unavailable.what}`, 'there']);
    expect(verdictOf(of.state, 0)).toBe(null);
    expect(of.state.feeds).toMatchObject({ [watched]: { ok: false, problem: unavailable }, files: { ok: true } });
    of.put(clusterUp);
    expect([outlook(of, 'web'), verdictOf(of.state, 0)?.ok]).toEqual(['there', true]);
  });

  it('for a crash of what runs', () => {
    const of = world(config([local('a', { serve: 'x' })]))
      .succeeds('a')
      .serves('a');
    of.put({ type: 'server/exited', resource: 'a', generation: of.of('a').used.generations, code: 3, signal: null });
    expect(outlook(of, 'a')).toMatch(/^never 5: /);
  });
});

describe('a wait goes on', () => {
  it('while it runs, waits for its turn, or is tried again', () => {
    const of = world(config([local('a'), local('b')], [], 1));
    expect(outlook(of.started('a').step('a', 'make gen'), 'a')).toBe('coming: make gen');
    expect(outlook(of, 'b')).toMatch(/^coming/);
    const away = world(config([kube('web')])).fails('web', unavailable);
    expect(outlook(away, 'web')).toBe('coming: the registry is away');
  });

  it('while pods are not up, and is over when they are', () => {
    const of = world(config([kube('web')])).succeeds('web');
    of.put({ type: 'pod/seen', pod: pod('web', { ready: false, status: 'ContainerCreating' }) });
    expect(outlook(of, 'web', fresh)).toMatch(/^coming/);
    expect(outlook(of.put({ type: 'pod/seen', pod: pod('web') }), 'web', fresh)).toBe('there');
  });
});

it('a name that every object has is no resource', () => {
  expect(outlook(world(config([local('a')])), 'constructor')).toBe('there');
});
