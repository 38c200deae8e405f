import { setImmediate as turn } from 'node:timers/promises';
import { concat, filter, ignoreElements, map, NEVER, Observable, of, throwError } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Feed, makeEngine } from '../../src/engine/engine.ts';
import { reduce } from '../../src/engine/reduce.ts';
import type { Action, Fact } from '../../src/model/fact.ts';
import type { EngineState } from '../../src/model/state.ts';

const ports = { now: Date.now };

function session(...feeds: readonly Feed<typeof ports>[]) {
  const engine = makeEngine(reduce, feeds, ports);
  const actions: Action[] = [];
  let state: EngineState | null = null;
  const watching = engine.step$.subscribe(({ action, state: next }) => {
    if (action) actions.push(action);
    state = next;
  });
  const running = engine.run$.subscribe();
  onTestFinished(() => {
    running.unsubscribe();
    watching.unsubscribe();
  });
  return { engine, actions, running, state: () => state };
}

describe('the loop', () => {
  it('a feed that answers at once waits its turn: every observer sees the same order', async () => {
    const echo: Feed<typeof ports> = {
      name: 'echo',
      run: (state$) =>
        state$.pipe(
          filter(({ git, feeds }) => git.held && !feeds[git.because]),
          map(({ git }): Fact => ({ type: 'feed/healthy', feed: git.because })),
        ),
    };
    const { engine, actions } = session(echo);
    engine.put({ type: 'git/held', because: 'one' });
    await turn();
    engine.put({ type: 'git/held', because: 'two' });
    await turn();
    await turn();
    expect(actions.map(({ type }) => type)).toEqual(['git/held', 'feed/healthy', 'git/held', 'feed/healthy']);
    expect(actions.map(({ seq }) => seq)).toEqual(actions.map((_, i) => i));
  });

  it('what comes in one turn is folded one by one, and planned and shown once', async () => {
    const { engine, actions } = session();
    const seen: EngineState[] = [];
    const looking = engine.state$.subscribe((state) => seen.push(state));
    onTestFinished(() => looking.unsubscribe());
    engine.put({ type: 'git/held', because: 'one' });
    engine.put({ type: 'git/held', because: 'two' });
    engine.put({ type: 'git/released' });
    await turn();
    expect(actions.map(({ type, more }) => [type, more])).toEqual([
      ['git/held', true],
      ['git/held', true],
      ['git/released', undefined],
    ]);
    expect(seen.map(({ git, isPlanned }) => [git.held, isPlanned])).toEqual([
      [false, true],
      [false, true],
    ]);
  });

  it('a feed that breaks is started again alone, and its health is told until it has recovered', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let starts = 0;
    const sick: Feed<typeof ports> = {
      name: 'sick',
      run: () => (++starts < 3 ? throwError(() => new Error('no')) : NEVER),
    };
    let drops = 0;
    const well: Feed<typeof ports> = {
      name: 'well',
      run: () => concat(of<Fact>({ type: 'git/held', because: 'well' }), NEVER),
    };
    const counted: Feed<typeof ports> = {
      name: 'counted',
      run: (state$) => {
        drops++;
        return state$.pipe(ignoreElements());
      },
    };
    const { state } = session(sick, well, counted);
    vi.advanceTimersByTime(0);
    expect(state()?.feeds.sick).toMatchObject({ ok: false, status: 'failing', problem: { what: 'no' } });
    expect(state()?.git.because).toBe('well');
    vi.advanceTimersByTime(200);
    expect(starts).toBe(2);
    vi.advanceTimersByTime(400);
    expect(starts).toBe(3);
    expect(state()?.feeds.sick?.ok).toBe(false);
    vi.advanceTimersByTime(30_000);
    vi.advanceTimersByTime(1);
    expect(state()?.feeds.sick).toEqual({ ok: true, status: 'ok' });
    expect(drops).toBe(1);
  });

  it('a reducer that throws is a bug in state, and the loop goes on to drain', async () => {
    const broken = (): never => {
      throw new Error('bug');
    };
    const engine = makeEngine(broken, [], ports);
    const states: EngineState[] = [];
    const running = engine.run$.subscribe();
    const watching = engine.state$.subscribe((state) => states.push(state));
    engine.put({ type: 'git/released' });
    await turn();
    expect(states.at(-1)).toMatchObject({ phase: 'stopped', bug: { where: 'git/released', error: 'bug' } });
    watching.unsubscribe();
    running.unsubscribe();
  });

  it('a feed that ends while the session is up has failed, and is started again', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let starts = 0;
    const short: Feed<typeof ports> = { name: 'short', run: () => (++starts < 3 ? of() : NEVER) };
    const up = makeEngine((state) => ({ ...state, phase: 'up' }), [short], ports);
    const states: EngineState[] = [];
    const watching = up.state$.subscribe((state) => states.push(state));
    up.put({ type: 'git/released' });
    vi.advanceTimersByTime(1);
    const running = up.run$.subscribe();
    vi.advanceTimersByTime(5_000);
    expect(starts).toBe(3);
    running.unsubscribe();
    watching.unsubscribe();
  });

  it('unsubscribing drops every feed', () => {
    let isThere = false;
    const held: Feed<typeof ports> = {
      name: 'held',
      run: () => {
        isThere = true;
        return new Observable<Fact>(() => () => {
          isThere = false;
        });
      },
    };
    const { running } = session(held);
    expect(isThere).toBe(true);
    running.unsubscribe();
    expect(isThere).toBe(false);
  });
});
