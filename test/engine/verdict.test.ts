// What ends `ci` and `up --once`, and with which code: what Kubernetes mends is no end, what nobody mends is one at once.
import { describe, expect, it } from 'vitest';
import { failureOf, verdictOf } from '../../src/engine/verdict.ts';
import { limits } from '../../src/model/limits.ts';
import type { Container, Pod } from '../../src/model/pods/pod.ts';
import type { Problem } from '../../src/model/problems/problem.ts';
import { config, container, failed, kube, local, object, pod, stepProblem, type World, world } from './world.ts';

const workload = (kind: string) => ({
  workload: { kind, name: 'web', namespace: null, replicas: 1 },
  objects: [object(kind, 'web', kind === 'Job' ? { backoffLimit: 6 } : {})],
});
const deployed = (kind = 'Deployment'): World =>
  world(config([kube('web', { images: [], ...workload(kind), ready: kind === 'Job' ? 'job' : 'pods' })])).succeeds(
    'web',
    { images: [] },
  );
const code = (it: World, retries = 0): number | null => verdictOf(it.state, retries)?.exitCode ?? null;

/** A pod whose one container is in this state; its log has been read, unless told otherwise. */
function sees(it: World, parts: Partial<Container>, podParts: Partial<Pod> = {}, isHeard = true): World {
  const one = container('web', { ready: false, ...parts });
  const seen = pod('web', { ready: false, owner: { kind: 'ReplicaSet', name: 'web', uid: 'r' }, ...podParts });
  it.put({ type: 'pod/seen', pod: { ...seen, containers: [one] } });
  const dead = one.state === 'terminated' ? one.id : (one.last?.id ?? null);
  return isHeard && dead !== null ? it.put({ type: 'log/ended', pod: seen.uid, container: dead }) : it;
}
const crash = (restarts: number): Partial<Container> => ({
  state: 'terminated',
  exitCode: 1,
  reason: 'Error',
  restarts,
  id: `c://${restarts}`,
});
const waits = (reason: string): Partial<Container> => ({ state: 'waiting', reason, id: null });

describe('crashes of a container', () => {
  it('are forgiven as often as --retries says, and the next one ends it', () => {
    const it = deployed();
    const codes = [0, 1, 2, 3].map((restarts) => code(sees(it, crash(restarts)), 3));
    expect(codes).toEqual([null, null, null, 5]);
    expect(code(sees(deployed(), crash(0)), 0)).toBe(5);
  });

  it('count once, whether the pod is seen ended or backing off', () => {
    const last = { exitCode: 1, reason: 'Error', id: 'c://1', finishedAt: 1 };
    const it = sees(deployed(), { ...waits('CrashLoopBackOff'), restarts: 1, last });
    expect([code(it, 1), code(it, 2)]).toEqual([5, null]);
  });

  it('of an init container count like those of any other', () => {
    const it = sees(deployed(), { ...crash(2), type: 'init' }, { status: 'Init:Error' });
    expect([code(it, 2), code(it, 3)]).toEqual([5, null]);
  });

  it('of before the session count for nothing, where it was up again when the session came', () => {
    const it = sees(deployed(), { restarts: 40, ready: true }, { ready: true });
    expect(code(it)).toBe(0);
    sees(it, crash(40));
    expect([code(it, 0), code(it, 1)]).toEqual([5, null]);
  });

  it('count also where it is up again before anybody has seen it down, and not for another pod', () => {
    const last = { exitCode: 1, reason: 'Error', id: 'c://0' };
    const up = (finishedAt: number, podParts: Partial<Pod> = {}): World => {
      const it = sees(deployed(), waits('ContainerCreating'), podParts, false);
      const now = it.state.startedAt + finishedAt;
      return sees(
        it,
        { ready: true, restarts: 1, last: { ...last, finishedAt: now } },
        { ready: true, ...podParts },
        false,
      );
    };
    const it = up(1);
    expect([code(it, 1), code(it, 0)]).toEqual([0, null]);
    it.put({ type: 'log/ended', pod: 'web-pod', container: 'c://0' });
    expect([code(it, 1), code(it, 0)]).toEqual([0, 5]);
    expect(verdictOf(it.state, 0)?.problems[0]?.what).toContain('Error (exit code 1)');
    // Of before the session, of one that goes, and of an end that is none.
    expect(code(up(-1))).toBe(0);
    expect(code(up(1, { deleting: true }))).toBe(
      code(sees(deployed(), { ready: true }, { ready: true, deleting: true })),
    );
  });

  it('of a pod that has crashed for days end it', () => {
    expect(code(sees(deployed(), crash(40)), 3)).toBe(5);
  });

  it('of a debug container are nobody’s', () => {
    const it = deployed();
    const broken = container('dbg', { type: 'ephemeral', ...crash(9), ready: false });
    it.put({ type: 'pod/seen', pod: pod('web', { containers: [container('web'), broken] }) });
    expect(code(it)).toBe(0);
  });

  it('wait for the last words, which are read from the log', () => {
    const it = sees(deployed(), crash(0), {}, false);
    expect(code(it)).toBe(null);
    it.put({ type: 'log/ended', pod: 'web-pod', container: 'another' });
    expect(code(it)).toBe(null);
    it.put({ type: 'log/ended', pod: 'web-pod', container: 'c://0' });
    expect(code(it)).toBe(5);
  });
});

describe('what nobody mends ends it at once, whatever is forgiven', () => {
  const bare = { owner: null, phase: 'Failed', status: 'Error' };
  const cases: readonly (readonly [string, World])[] = [
    ['an image name that is none', sees(deployed(), waits('InvalidImageName'), { status: 'InvalidImageName' })],
    ['an image that may not be pulled', sees(deployed(), waits('ErrImageNeverPull'))],
    [
      'an image that the registry does not have',
      sees(deployed(), waits('ErrImagePull'), { message: 'failed to resolve reference "x:1": x:1: not found' }),
    ],
    [
      'an image that is kept from us',
      sees(deployed(), waits('ErrImagePull'), { message: 'pull access denied, repository does not exist' }),
    ],
    ['a bare pod that failed', sees(deployed('Pod'), crash(0), bare)],
  ];
  for (const [name, it] of cases) test(name, it);
  function test(name: string, each: World): void {
    it(name, () => expect(code(each, 99)).toBe(5));
  }
});

describe('what may come a moment later is waited for, and not for ever', () => {
  for (const [reason, message] of [
    ['ErrImagePull', 'dial tcp 10.0.0.1:5000: connect: connection refused'],
    ['ImagePullBackOff', 'Back-off pulling image "x"'],
    ['CreateContainerConfigError', 'secret "made-by-an-operator" not found'],
  ] as const)
    it(`${reason}: ${message}`, () => {
      const it = sees(deployed(), waits(reason), { status: reason, message });
      expect(code(it)).toBe(null);
      const due = it.state.wakeAt ?? 0;
      expect(due - it.now).toBe(limits.podMendMs);
      it.after(due - it.now).put({ type: 'clock/reached', due });
      expect(code(it, 99)).toBe(5);
    });

  it('and mended is mended', () => {
    const it = sees(deployed(), waits('ErrImagePull'), { message: 'i/o timeout' });
    sees(it, { ready: true }, { ready: true });
    expect(code(it)).toBe(0);
    expect(it.state.wakeAt).toBe(null);
  });
});

describe('a Job', () => {
  const attempt = (it: World, n: number, phase = 'Failed', parts: Partial<Container> = crash(0)) =>
    sees(it, { ...parts, id: `c://${n}` }, { uid: `p${n}`, name: `web-${n}`, createdAt: n, phase, status: 'Error' });
  const givesUp = (it: World, reason: string): World =>
    it.put({
      type: 'event/seen',
      event: {
        at: it.now,
        type: 'Warning',
        reason,
        message: 'it was enough',
        object: { kind: 'Job', name: 'web', namespace: 'default', uid: 'j' },
        count: 1,
      },
    });

  it('has failed pods forgiven as often as --retries says, though it would go on', () => {
    const it = attempt(deployed('Job'), 1);
    expect([code(it, 0), code(it, 1)]).toEqual([5, null]);
    expect([code(attempt(it, 2), 1), code(it, 2)]).toEqual([5, null]);
  });

  it('that restarts its container in place is told by the same number', () => {
    const it = attempt(deployed('Job'), 1, 'Running', crash(1));
    expect([code(it, 1), code(it, 2)]).toEqual([5, null]);
  });

  for (const reason of ['BackoffLimitExceeded', 'DeadlineExceeded', 'PodFailurePolicy'])
    it(`that has given up is over, whatever is forgiven: ${reason}`, () => {
      const it = givesUp(attempt(deployed('Job'), 1), reason);
      expect(code(it, 99)).toBe(5);
      expect(code(givesUp(deployed('Job'), reason), 99)).toBe(5);
    });

  it('whose last try failed still tells of it while the next one runs', () => {
    const it = attempt(deployed('Job'), 1);
    sees(it, { id: 'c://2' }, { uid: 'p2', name: 'web-2', createdAt: 2, phase: 'Running' });
    expect(it.of('web').runtime).toMatchObject({
      status: 'pending',
      problem: { of: { pod: 'web-1', container: 'web' } },
    });
  });
});

describe('a local server', () => {
  const exits = (it: World): World =>
    it.put({
      type: 'server/exited',
      resource: 'web',
      generation: it.of('web').used.generations,
      code: 1,
      signal: null,
    });
  const served = (restart: 'no' | 'on-failure'): World =>
    world(config([local('web', { cmd: null, serve: 'run', restart })]))
      .succeeds('web')
      .serves('web');

  it('that nothing starts again is over at once; one that is started again has its crashes counted', () => {
    expect(code(exits(served('no')), 99)).toBe(5);
    const it = exits(served('on-failure'));
    expect([code(it, 0), code(it, 1)]).toEqual([5, null]);
    it.after(limits.serverRestartFirstMs).put({ type: 'clock/reached', due: it.state.wakeAt ?? 0 });
    expect([code(exits(it.serves('web')), 1), code(it, 2)]).toEqual([5, null]);
  });
});

describe('one cause has one code', () => {
  const of = (kind: Problem['kind'], phase: 'build' | 'deploy' | 'update'): number | null => {
    const it = world(config([kube('web', { images: [] })])).started('web');
    it.ended('web', failed({ ...stepProblem, kind }, { phase }));
    return failureOf(it.of('web'))?.exitCode ?? null;
  };
  it.each([
    ['step', 'build', 3],
    ['step', 'update', 3],
    ['step', 'deploy', 4],
    ['denied', 'deploy', 4],
    ['yours', 'deploy', 4],
    ['timeout', 'build', 6],
    ['timeout', 'deploy', 6],
    ['unavailable', 'build', null],
  ] as const)('%s in %s: %s', (kind, phase, expected) => expect(of(kind, phase)).toBe(expected));

  it('what stays out of reach is tried again, and not for ever', () => {
    const it = world(config([kube('web', { images: [] })]));
    const away: Problem = { kind: 'unavailable', code: 'S319', what: 'failed calling webhook' };
    const codes: (number | null)[] = [];
    const began = it.now;
    while (codes.at(-1) !== 6 && codes.length < 20) {
      it.fails('web', away);
      codes.push(code(it, 99));
      const due = it.state.wakeAt ?? it.now;
      it.after(due - it.now).put({ type: 'clock/reached', due });
    }
    expect(codes.slice(0, 3)).toEqual([null, null, null]);
    expect(it.now - began).toBeLessThan(3 * limits.runRetryMs);
    expect(codes.at(-1)).toBe(6);
  });
});
