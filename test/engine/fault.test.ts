// A reducer that throws: the session drains, and what led to it is the last thing that was folded.
import { describe, expect, it } from 'vitest';
import { guarded } from '../../src/engine/fault.ts';
import { reduce } from '../../src/engine/reduce.ts';
import type { Action, Fact } from '../../src/model/fact.ts';
import type { EngineState } from '../../src/model/state.ts';
import { config, local, world } from './world.ts';

const broken = guarded((state, action) => {
  if (action.type === 'user/asked') throw new TypeError('x');
  return reduce(state, action);
});
const put = (state: EngineState, fact: Fact, at = 2_000_000): EngineState =>
  broken(state, { ...fact, seq: 0, at } as Action);
const asked: Fact = { type: 'user/asked', action: { do: 'trigger', resource: 'web' }, by: 'socket' };

describe('a bug in the reducer', () => {
  it('drains: servers and runs are waited for, and nothing else is folded', () => {
    const w = world(config([local('web', { serve: 'x', cmd: null }), local('job')]));
    w.succeeds('web').serves('web').started('job');
    const faulty = put(w.state, asked);
    expect(faulty).toMatchObject({
      phase: 'draining',
      bug: { where: 'user/asked', error: 'x', inReducer: true },
      stop: { exitCode: 70 },
    });
    expect(faulty.resources.job?.update.now.is).toBe('stopping');
    expect(put(faulty, { type: 'git/held', because: 'x' }).git.held).toBe(false);
    const ended = put(faulty, {
      type: 'run/ended',
      resource: 'job',
      run: 'job#1',
      outcome: { is: 'cancelled', by: 'stopped', images: [] },
    });
    expect(ended.phase).toBe('draining');
    expect(put(ended, { type: 'server/stopped', resource: 'web', generation: 1 }).phase).toBe('stopped');
  });

  it('ends by itself where nothing answers', () => {
    const w = world(config([local('web', { serve: 'x', cmd: null })]))
      .succeeds('web')
      .serves('web');
    const faulty = put(w.state, asked);
    expect(put(faulty, { type: 'clock/reached', due: faulty.wakeAt ?? 0 }, faulty.wakeAt ?? 0).phase).toBe('stopped');
  });
});
