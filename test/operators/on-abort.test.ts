import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { pause } from '../../src/adapters/kube/pause.ts';
import { onAbort } from '../../src/operators/promises/on-abort.ts';
import { once } from '../../src/operators/promises/once.ts';
import { unlessAborted } from '../../src/operators/promises/unless-aborted.ts';
import { Places } from '../../src/update/image/side-by-side.ts';

const listening = (...stops: readonly AbortController[]): number =>
  stops.reduce((sum, { signal }) => sum + getEventListeners(signal, 'abort').length, 0);

describe('what is to be done on an abort', () => {
  it('is done once, whichever signals are raised, and nobody listens any more', () => {
    const stops = [new AbortController(), new AbortController()];
    let done = 0;
    onAbort(
      stops.map(({ signal }) => signal),
      () => done++,
    );
    expect(listening(...stops)).toBe(2);
    for (const stop of stops) stop.abort();
    expect([done, listening(...stops)]).toEqual([1, 0]);
  });

  it('is done after the call where the signal is raised already, and not at all where it is called off first', async () => {
    const done: string[] = [];
    onAbort(AbortSignal.abort(), () => done.push('late'));
    const off = onAbort(AbortSignal.abort(), () => done.push('called off'));
    off();
    expect(done).toEqual([]);
    await Promise.resolve();
    expect(done).toEqual(['late']);
  });

  it('is done once where a signal is raised that was raised already', async () => {
    const stop = new AbortController();
    let done = 0;
    onAbort([AbortSignal.abort(), stop.signal], () => done++);
    stop.abort();
    await Promise.resolve();
    expect(done).toBe(1);
  });
});

describe('a signal that outlives the work is left without listeners', () => {
  const places = new Places();
  const work = {
    'waiting for what goes on': (stop) => unlessAborted(Promise.resolve(), stop),
    'what several ask for': (stop) => once({}, 'key', async () => {}, stop),
    'a pause': (stop) => pause(1, stop),
    'a place that is waited for': async (stop) => {
      const first = places.during(1, stop, () => pause(1));
      await Promise.all([first, places.during(1, stop, async () => {})]);
    },
  } satisfies Record<string, (stop: AbortSignal) => Promise<void>>;

  it.each(Object.entries(work))('%s', async (_, begin) => {
    const stop = new AbortController();
    const under = begin(stop.signal);
    expect(listening(stop)).toBeGreaterThan(0);
    await under;
    // Whoever waited goes on before what comes after it in the same turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(listening(stop)).toBe(0);
  });
});
