import { describe, expect, it } from 'vitest';
import { type Part, Places, sideBySide } from '../../../src/update/image/side-by-side.ts';

const never = new AbortController().signal;
const part = (name: string, ...from: string[]): Part => ({ name, from });
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Makes parts through `most` places, and tells when each began and ended and how many were at it at once. */
async function made(parts: readonly Part[], most: number) {
  const places = new Places();
  const told: string[] = [];
  let [now, peak] = [0, 0];
  await sideBySide(parts, never, ({ name }, stop) =>
    places.during(most, stop, async () => {
      told.push(`+${name}`);
      peak = Math.max(peak, ++now);
      await tick();
      now--;
      told.push(`-${name}`);
    }),
  );
  return { told, peak };
}

describe('images side by side', () => {
  it.each([
    ['none needs another', [part('a'), part('b'), part('c')], 3, 3],
    ['there is one place', [part('a'), part('b'), part('c')], 1, 1],
    ['a chain', [part('c', 'b'), part('b', 'a'), part('a')], 3, 1],
    ['two on one base', [part('a'), part('b', 'a'), part('c', 'a')], 3, 2],
    ['a base from elsewhere', [part('a', 'debian'), part('b')], 3, 2],
  ])('%s: each once, after what it is made from', async (_, parts, most, peak) => {
    const { told, peak: seen } = await made(parts, most);
    expect(seen).toBe(peak);
    expect([...told].sort()).toEqual(parts.flatMap(({ name }) => [`+${name}`, `-${name}`]).sort());
    for (const { name, from } of parts)
      for (const base of from)
        if (told.includes(`-${base}`)) expect(told.indexOf(`-${base}`)).toBeLessThan(told.indexOf(`+${name}`));
  });

  it('stop when one fails, and tell that one’s error once the others have ended', async () => {
    const ended: string[] = [];
    const all = sideBySide([part('bad'), part('slow'), part('after', 'slow')], never, async ({ name }, stop) => {
      if (name === 'bad') throw new Error('bad');
      await new Promise((resolve) => stop.addEventListener('abort', resolve));
      await tick();
      ended.push(name);
      stop.throwIfAborted();
    });
    await expect(all).rejects.toThrow('bad');
    expect(ended).toEqual(['slow']);
  });

  it('pass on the place of one that was stopped just when it was free', async () => {
    const places = new Places();
    const stop = new AbortController();
    let free = () => {};
    const first = places.during(1, never, () => new Promise<void>((resolve) => (free = resolve)));
    const second = places.during(1, stop.signal, async () => {});
    const third = places.during(1, never, async () => 'taken');
    free();
    await Promise.resolve();
    stop.abort();
    await first;
    await Promise.allSettled([second]);
    await expect(third).resolves.toBe('taken');
  });

  it('give up waiting for a place when stopped', async () => {
    const places = new Places();
    const stop = new AbortController();
    let free = () => {};
    const first = places.during(1, never, () => new Promise<void>((resolve) => (free = resolve)));
    const second = places.during(1, stop.signal, async () => {});
    stop.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    free();
    await first;
    await expect(places.during(1, never, async () => 'taken')).resolves.toBe('taken');
  });
});
