// What many ask for within a moment is listed once, and what was written since is not told from that list.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failure } from '../../../src/adapters/kube/failure.ts';
import { sightings } from '../../../src/adapters/kube/objects/sightings.ts';
import type { KubeObject } from '../../../src/model/config.ts';
import { limits } from '../../../src/model/limits.ts';

const config = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
});
const names = Array.from({ length: 1_000 }, (_, i) => `c${i}`);

function cluster(list: () => Promise<readonly KubeObject[]> = async () => names.map(config)) {
  const asked: string[] = [];
  const seen = sightings((apiVersion, kind, namespace, selector) => {
    asked.push(`${apiVersion} ${kind} ${namespace} ${selector}`);
    return list();
  });
  const sighted = (name: string, namespace = 'shop', stop = new AbortController().signal) =>
    seen.sighted({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name }, 'sluice-project=shop', stop);
  /** Questions that get no answer, until the next is worth a list. */
  const few = async (namespace?: string) => {
    for (let i = 0; i < limits.askedSingly; i++) expect(await sighted(`few-${i}`, namespace)).toBeNull();
  };
  return { ...seen, sighted, few, asked };
}

describe('objects that are asked for', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('by the thousand are listed once, of each kind and namespace', async () => {
    const { sighted, asked } = cluster();
    const found = await Promise.all(names.map((name) => sighted(name)));
    expect(found.filter((object) => object !== null)).toHaveLength(names.length - limits.askedSingly);
    expect(found.at(-1)).toEqual(config('c999'));
    await Promise.all(names.map((name) => sighted(name, 'other')));
    expect(asked).toEqual(['shop', 'other'].map((space) => `v1 ConfigMap ${space} sluice-project=shop`));
  });

  it('by few are not listed, nor by few again and again', async () => {
    const { few, asked } = cluster();
    for (let round = 0; round < 3; round++) {
      await few();
      vi.advanceTimersByTime(limits.sightingMs);
    }
    expect(asked).toEqual([]);
  });

  it('are told from one list also where that takes longer than a moment', async () => {
    const answers: ((objects: readonly KubeObject[]) => void)[] = [];
    const { few, sighted, asked } = cluster(() => new Promise((resolve) => void answers.push(resolve)));
    await few();
    const first = sighted('c1');
    vi.advanceTimersByTime(2 * limits.sightingMs);
    answers[0]?.(names.map(config));
    expect(await first).toEqual(config('c1'));
    vi.advanceTimersByTime(limits.sightingMs - 1);
    expect(await sighted('c2')).toEqual(config('c2'));
    expect(asked).toHaveLength(1);
  });

  it('are told from one list for a moment alone, and nothing of it is kept', async () => {
    const { few, sighted, asked } = cluster();
    await few();
    expect(await sighted('c1')).toEqual(config('c1'));
    vi.advanceTimersByTime(limits.sightingMs);
    expect(await sighted('c1')).toEqual(config('c1'));
    expect(asked).toHaveLength(2);
    vi.advanceTimersByTime(2 * limits.sightingMs);
    expect(vi.getTimerCount()).toBe(0);
    expect(await sighted('c2')).toBeNull();
    await few();
    expect(await sighted('c3')).toEqual(config('c3'));
    expect(asked).toHaveLength(3);
  });

  it.each<readonly [string, (shop: ReturnType<typeof cluster>) => unknown]>([
    ['told already', ({ sighted }) => sighted('c1')],
    ['written since', ({ written }) => written('ConfigMap', 'c1')],
  ])('and %s are to be asked for singly', async (_, before) => {
    const shop = cluster();
    await shop.few();
    await shop.sighted('c0');
    await before(shop);
    expect(await shop.sighted('c1')).toBeNull();
    expect(await shop.sighted('c2')).toEqual(config('c2'));
  });

  it('and are not in the list, or may not be listed, are to be asked for singly', async () => {
    const shop = cluster();
    await shop.few();
    expect(await shop.sighted('of somebody else')).toBeNull();
    const denied = cluster(() => Promise.reject(failure('denied', 'S310', 'not allowed')));
    await denied.few();
    expect(await Promise.all(names.map((name) => denied.sighted(name)))).toEqual(names.map(() => null));
    expect(denied.asked).toHaveLength(1);
  });

  it('keep nobody who is told to stop, nor those who wait for the same list', async () => {
    let answer: (objects: readonly KubeObject[]) => void = () => {};
    const { few, sighted } = cluster(() => new Promise((resolve) => (answer = resolve)));
    await few();
    const stop = new AbortController();
    const stopped = sighted('c1', 'shop', stop.signal);
    const other = sighted('c2');
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    answer([config('c2')]);
    expect(await other).toEqual(config('c2'));
  });
});
