import { expect, it } from 'vitest';
import { toldEvents } from '../../../src/engine/runtime/told-events.ts';
import { limits } from '../../../src/model/limits.ts';
import type { ClusterEvent } from '../../../src/model/pods/pod.ts';
import type { ResourceState } from '../../../src/model/state.ts';

const event = (reason: string, message: string, parts: Partial<ClusterEvent> & { on?: string } = {}): ClusterEvent => {
  const { on = 'Pod/web-1', ...rest } = parts;
  const [kind = '', name = ''] = on.split('/');
  return {
    at: 9_000,
    type: 'Warning',
    reason,
    message,
    count: 1,
    object: { kind, name, namespace: 'd', uid: on },
    ...rest,
  };
};
const told = (of: { pod: string } | undefined, ...events: readonly ClusterEvent[]) =>
  toldEvents({ kind: 'kubernetes', events, deploy: { at: 9_000 } } as unknown as ResourceState, of ? { of } : {});

it('warnings that came again are one line with how often, the message that says more', () => {
  const events = [
    event('Failed', 'Failed to pull image "x": not found', { count: 2 }),
    event('Failed', 'Error: ErrImagePull', { count: 2 }),
    event('BackOff', 'Back-off\n  pulling image', { count: 4 }),
    event('Pulled', 'pulled', { type: 'Normal' }),
    event('Unhealthy', 'Readiness probe failed: why\n'),
    event('Unhealthy', 'Liveness probe failed: other'),
  ];
  expect(told({ pod: 'web-1' }, ...events)).toEqual([
    '[Failed ×4] Failed to pull image "x": not found',
    '[BackOff ×4] Back-off pulling image',
    '[Unhealthy] Readiness probe failed: why',
    '[Unhealthy] Liveness probe failed: other',
  ]);
});

it('those of other pods, and of a deploy before this one, are left out; those of the controller are not', () => {
  const events = [
    event('BackOff', 'old', { on: 'Pod/web-0' }),
    event('FailedCreate', 'quota', { on: 'ReplicaSet/web-a' }),
    event('FailedCreate', 'before', { on: 'ReplicaSet/web-b', at: 1_000 }),
  ];
  expect(told({ pod: 'web-1' }, ...events)).toEqual(['[FailedCreate] quota']);
});

it('what the problem says already is not said again', () => {
  const state = {
    kind: 'kubernetes',
    events: [event('Failed', 'Error: secret "a" not found'), event('BackOff', 'again')],
    deploy: { at: 0 },
  };
  const what = 'container web: CreateContainerConfigError: secret "a" not found';
  expect(toldEvents(state as unknown as ResourceState, { of: { pod: 'web-1' }, what })).toEqual(['[BackOff] again']);
});

it('never more than limits.problemEvents, the last ones', () => {
  const events = Array.from({ length: 30 }, (_, n) => event(`R${n}`, 'm'));
  expect(told({ pod: 'web-1' }, ...events).at(-1)).toBe('[R29] m');
  expect(told({ pod: 'web-1' }, ...events)).toHaveLength(limits.problemEvents);
});
