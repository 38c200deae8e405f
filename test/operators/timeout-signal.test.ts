import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { timeoutSignal } from '../../src/operators/promises/timeout-signal.ts';

describe('a time that has passed', () => {
  it('is told as late', async () => {
    const late = timeoutSignal(10);
    expect(late.aborted).toBe(false);
    await new Promise((resolve) => late.addEventListener('abort', resolve));
    expect(late.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('is told to what listens to one of several signals alone, whatever garbage is collected meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const told = new Promise((resolve) => {
      AbortSignal.any([new AbortController().signal, timeoutSignal(300)]).addEventListener('abort', () =>
        resolve('told'),
      );
    });
    for (let round = 0; round < 5; round += 1) {
      await pause(20);
      collect();
    }
    expect(await told).toBe('told');
  });
});
