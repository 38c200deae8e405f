// How a Compose service stands by its containers, also where somebody else has had a hand in them.
import { describe, expect, it } from 'vitest';
import { outlookOf } from '../../../src/engine/outlook.ts';
import { verdictOf } from '../../../src/engine/verdict.ts';
import type { ContainerOrigin, Pod } from '../../../src/model/pods/pod.ts';
import { config, containerOf, dockerUp, failed, origin, service, servicesUp, type World, world } from '../world.ts';

const ended = (deployed: ReturnType<typeof servicesUp>) => ({
  is: 'ok' as const,
  result: { strategy: 'deploy', images: [], deployed, ledgers: {}, unchanged: false },
});

/** `web` brought up with these containers, which are seen. */
function up(uids: readonly string[], parts: Parameters<typeof service>[1] = {}, seen: Partial<Pod> = {}): World {
  const it = world(config([service('web', { images: [], replicas: uids.length, ...parts })])).put(dockerUp);
  it.started('web').ended('web', ended(servicesUp(...uids)));
  for (const uid of uids) it.put({ type: 'pod/seen', pod: containerOf('web', uid, { name: `p-${uid}`, ...seen }) });
  return it;
}

const standing = (it: World): readonly unknown[] => {
  const { status, text, problem } = it.of('web').runtime;
  const outlook = outlookOf(it.state, 'web', { fresh: false, isNamed: true });
  return [status, text, problem?.what ?? null, it.state.isIdle, outlook.is];
};
const seenUp = (uid: string) => ({ type: 'pod/seen' as const, pod: containerOf('web', uid) });
const madeBy = (uid: string, madeOf: ContainerOrigin) => ({
  type: 'pod/seen' as const,
  pod: containerOf('web', uid, { name: `p-${uid}`, compose: { project: 'p', service: 'web', urls: [], madeOf } }),
});
const foreign = (uid: string): string =>
  `changed by somebody: container p-${uid} is not of this deploy: a trigger makes it anew`;
const gone = (uid: string) => ({ type: 'pod/gone' as const, uid });

it('that Docker started again more often than is forgiven is over, also where it was never seen down', () => {
  const it = up(['a'], {}, { ready: false, phase: 'Pending', status: 'created' });
  it.put({ type: 'pod/seen', pod: containerOf('web', 'a', { name: 'p-a', restarts: 2 }) });
  expect(it.of('web').runtime.status).toBe('ready');
  expect(verdictOf(it.state, 2)?.exitCode).toBe(0);
  expect(verdictOf(it.state, 1)).toMatchObject({
    exitCode: 5,
    problems: [{ code: 'S370', what: 'container p-a: it ended, and was started again, 2 times' }],
  });
});

describe('a container that had failed and is started again', () => {
  const [before, again] = [1_000, 2_000];
  const seen = (startedAt: number, state: 'terminated' | 'running') => {
    const isUp = state === 'running';
    const pod = containerOf('web', 'web-1', { phase: isUp ? 'Running' : 'Failed', ready: isUp });
    const containers = pod.containers.map((each) => ({
      ...each,
      ...{ state, startedAt, ready: isUp, exitCode: isUp ? null : 137 },
    }));
    return { type: 'pod/seen' as const, pod: { ...pod, containers } };
  };
  const startedAgain = (it: World): World => {
    const outcome = ended(servicesUp('web-1'));
    const result = { ...outcome.result, startedAgain: [{ uid: 'web-1', startedAt: before }] };
    return it.ended('web', { ...outcome, result });
  };
  const fresh = () =>
    world(config([service('web', { images: [] })]))
      .put(dockerUp, seen(before, 'terminated'))
      .started('web');

  it('has not failed before it is seen again', () => {
    const it = startedAgain(fresh());
    expect(it.of('web').runtime).toMatchObject({ status: 'pending', problem: null });
    expect(it.put(seen(again, 'running')).of('web').runtime.status).toBe('ready');
  });

  it('is as it was seen since, also before its run ends', () => {
    expect(startedAgain(fresh().put(seen(again, 'running'))).of('web').runtime.status).toBe('ready');
    const failedAgain = startedAgain(fresh().put(seen(again, 'terminated')));
    expect(failedAgain.of('web').runtime.status).toBe('failed');
  });
});

describe('a container that somebody else has', () => {
  const removed = 'container p-web-1: removed by somebody else';
  it.each<readonly [string, () => World, readonly unknown[]]>([
    ['left alone', () => up(['web-1']), ['ready', 'running', null, true, 'there']],
    ['removed', () => up(['web-1']).put(gone('web-1')), ['failed', 'removed', removed, true, 'never']],
    [
      'removed of several',
      () => up(['web-1', 'web-2']).put(gone('web-1')),
      ['failed', '1/2 left', removed, true, 'never'],
    ],
    [
      'made anew',
      () => up(['web-1']).put(gone('web-1'), { type: 'pod/seen', pod: containerOf('web', 'web-9') }),
      ['ready', 'running', null, true, 'there'],
    ],
    [
      'not in a list of all',
      () => up(['web-1']).put({ type: 'pods/listed', namespace: 'compose:p', uids: [] }),
      ['failed', 'removed', removed, true, 'never'],
    ],
    [
      'taken away after it had ended well',
      () =>
        up(['web-1'], { ready: 'job' }, { phase: 'Succeeded', status: 'exited (0)', ready: false }).put(gone('web-1')),
      ['done', 'exited (0)', null, true, 'there'],
    ],
    [
      'made anew of the same, by its label and image',
      () => up(['web-1']).put(gone('web-1'), madeBy('web-9', origin)),
      ['ready', 'running', null, true, 'there'],
    ],
    [
      'made anew of another configuration',
      () => up(['web-1']).put(gone('web-1'), madeBy('web-9', { ...origin, hash: 'other' })),
      ['pending', foreign('web-9'), null, true, 'never'],
    ],
    [
      'made anew of another image, of several',
      () => up(['web-1', 'web-2']).put(gone('web-1'), madeBy('web-9', { ...origin, image: 'sha256:other' })),
      ['pending', foreign('web-9'), null, true, 'never'],
    ],
    ['paused', () => up(['web-1'], {}, { status: 'paused', ready: false }), ['pending', 'paused', null, true, 'never']],
    [
      'not touched, of a job that runs',
      () => up(['web-1'], { ready: 'job' }),
      ['pending', 'running', null, false, 'coming'],
    ],
    [
      'not touched, and another one is to come',
      () => up(['web-1'], { replicas: 2 }),
      ['pending', '1/2 ready', null, false, 'coming'],
    ],
    [
      'paused, of several',
      () => up(['web-1'], { replicas: 2 }, { status: 'paused', ready: false }).put(seenUp('web-2')),
      ['pending', '1/2 ready', null, true, 'never'],
    ],
    [
      'not started yet, and nothing is wrong',
      () => up(['web-1'], {}, { status: 'created', phase: 'Pending', ready: false }),
      ['pending', 'created', null, false, 'coming'],
    ],
  ])('%s', (_, happened, expected) => {
    expect(standing(happened())).toEqual(expected);
  });

  it('is nobody else while a run replaces it, and is made anew by the next', () => {
    const it = up(['web-1']);
    const trigger = {
      type: 'user/asked' as const,
      action: { do: 'trigger' as const, resource: 'web' },
      by: 'tui' as const,
    };
    it.put(trigger).started('web').put(gone('web-1'));
    expect(it.of('web').runtime.status).toBe('pending');
    it.ended('web', ended(servicesUp('web-2')));
    expect(it.of('web').runtime.status).toBe('pending');
    it.put({ type: 'pod/seen', pod: containerOf('web', 'web-2') });
    expect(standing(it)).toEqual(['ready', 'running', null, true, 'there']);
    it.put(gone('web-2'));
    expect(it.of('web').runtime.status).toBe('failed');
    it.put(trigger)
      .started('web')
      .ended('web', ended(servicesUp('web-3')));
    it.put({ type: 'pod/seen', pod: containerOf('web', 'web-3') });
    expect(standing(it)).toEqual(['ready', 'running', null, true, 'there']);
  });

  it('that a failed run could not start stays so: nothing moves', () => {
    const it = up(['web-1']);
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'web' }, by: 'tui' })
      .started('web')
      .put(gone('web-1'));
    it.put({
      type: 'pod/seen',
      pod: containerOf('web', 'web-2', { status: 'created', phase: 'Pending', ready: false }),
    });
    it.ended('web', failed(undefined, { phase: 'deploy' }));
    expect(standing(it).slice(3)).toEqual([true, 'never']);
  });
});
