// When a session ends by itself: good news counts once it has lasted, bad news at once, and a daemon that is starting gets a moment.
import { BehaviorSubject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { seed } from '../../src/engine/reduce.ts';
import type { Verdict } from '../../src/engine/verdict.ts';
import { limits } from '../../src/model/limits.ts';
import type { Problem } from '../../src/model/problems/problem.ts';
import type { EngineState } from '../../src/model/state.ts';
import { type EndRule, endings, finalVerdict } from '../../src/session/end/end-rule.ts';
import { config, image, kube, local, need, stepProblem, unavailable, World, world } from '../engine/world.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a session in these states would end with; `show` brings it to the state that the world has reached. */
function judging(of: World, rule: EndRule | null, isLenient = false) {
  const state$ = new BehaviorSubject<EngineState>(of.state);
  const given: Verdict[] = [];
  endings(state$, rule, { isLenient }).subscribe((verdict) => given.push(verdict));
  return { given, show: () => state$.next(of.state) };
}

const rule = (parts: Partial<EndRule> = {}): EndRule => ({ timeoutMs: 60_000, stableMs: 0, retries: 0, ...parts });
const server = () => world(config([local('api', { serve: 'node api.js', cmd: null })]), { watch: false });
const codes = (given: readonly Verdict[]) => given.map(({ exitCode }) => exitCode);

describe('a session that is to end by itself', () => {
  it('ends with 0 once all that runs has stayed ready as long as it must', () => {
    const it = server().succeeds('api').serves('api');
    const { given } = judging(it, rule({ stableMs: 5_000 }));
    vi.advanceTimersByTime(4_999);
    expect(given).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(given).toEqual([{ ok: true, exitCode: 0, problems: [] }]);
  });

  it('counts anew where it did not stay so', () => {
    const it = server().succeeds('api').serves('api');
    const { given, show } = judging(it, rule({ stableMs: 5_000 }));
    vi.advanceTimersByTime(4_000);
    const probed = { type: 'server/probed' as const, resource: 'api', generation: it.of('api').used.generations };
    it.put({ ...probed, ready: false, problem: null });
    show();
    it.put({ ...probed, ready: true, problem: null });
    show();
    vi.advanceTimersByTime(4_999);
    expect(given).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(codes(given)).toEqual([0]);
  });

  it('waits for nothing where all is done for good', () => {
    const it = world(config([local('codegen')]), { watch: false }).succeeds('codegen');
    expect(codes(judging(it, rule({ stableMs: 5_000 })).given)).toEqual([0]);
  });

  it('ends at once with what cannot succeed, and says it once', () => {
    const it = world(config([local('codegen')]), { watch: false });
    const { given, show } = judging(it, rule({ stableMs: 5_000 }));
    it.fails('codegen');
    show();
    show();
    expect(given.map(({ exitCode, problems }) => [exitCode, problems[0]?.what])).toEqual([[3, stepProblem.what]]);
  });

  it('gives up when time has run out, with what each resource was last known to do', () => {
    const it = world(config([local('gen'), local('app', { needs: [need('gen')] })]), { watch: false })
      .started('gen')
      .step('gen', 'make all');
    const { given } = judging(it, rule({ timeoutMs: 10_000 }));
    vi.advanceTimersByTime(10_000);
    expect(given.map(({ exitCode, problems }) => [exitCode, problems[0]?.what])).toEqual([
      [6, 'not up after 10 s: gen (make all), app (waiting for gen)'],
    ]);
  });

  it('never gives up where it is told so', () => {
    const { given } = judging(world(config([local('gen')]), { watch: false }), rule({ timeoutMs: 0 }));
    vi.advanceTimersByTime(24 * 3_600_000);
    expect(given).toEqual([]);
  });

  it('gives Docker a moment to start, and no more than that', () => {
    const it = world(config([kube('web')], [image('web')]), { watch: false, reach: false });
    const { given, show } = judging(it, rule());
    it.put({ type: 'docker/failed', problem: unavailable, retryAt: null });
    show();
    vi.advanceTimersByTime(limits.unreachableMs - 1);
    expect(given).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(given).toEqual([{ ok: false, exitCode: 6, problems: [unavailable] }]);
  });
});

describe('a session that goes on', () => {
  const typo: Problem = { kind: 'yours', code: 'S623', what: 'no resource wbe' };
  const broken: Problem = { kind: 'yours', code: 'S101', what: 'unknown key' };
  const rejected = (problem: Problem) => {
    const options = { ...seed.options, runId: 'r', file: '/p/sluice.yaml', dir: '/p' };
    const it = new World().put({ type: 'session/started', options });
    return it.put({ type: 'config/broken', problems: [problem], reads: { roots: [], filters: [] }, wanted: 1 });
  };

  it('ends for what can never begin, unless someone at a screen can mend it', () => {
    expect(codes(judging(rejected(broken), null).given)).toEqual([2]);
    expect(codes(judging(rejected(broken), null, true).given)).toEqual([]);
  });

  it('ends for a mistyped name whoever looks', () => {
    expect(codes(judging(rejected(typo), null, true).given)).toEqual([2]);
  });

  it('does not end for a failure, nor for success', () => {
    const it = world(config([local('gen')])).fails('gen');
    const { given, show } = judging(it, null);
    it.save('local:gen').succeeds('gen');
    show();
    vi.advanceTimersByTime(3_600_000);
    expect(given).toEqual([]);
  });
});

describe('what a process ends with', () => {
  const bug: Problem = { kind: 'step', code: 'S002', what: 'a bug' };
  const denied: Problem = { kind: 'denied', code: 'S661', what: 'the disk is full' };
  const given: Verdict = { ok: false, exitCode: 3, problems: [stepProblem] };
  const none = { bug: null, denied: null };

  it('is a bug before what is denied, a verdict before an interruption', () => {
    expect(finalVerdict(seed, given, 'SIGINT', { bug, denied }).exitCode).toBe(70);
    expect(finalVerdict(seed, given, 'SIGINT', { bug: null, denied }).problems).toEqual([denied]);
    expect(finalVerdict(seed, given, 'SIGINT', none)).toEqual(given);
    expect(finalVerdict(seed, null, 'SIGINT', none).exitCode).toBe(130);
  });
});
