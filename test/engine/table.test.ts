// A table of many reads like an object, whatever the names are.
import { describe, expect, it } from 'vitest';
import { listed, listing, namesChanged } from '../../src/engine/resources/resource-list.ts';
import { plainTable, tableOf } from '../../src/engine/resources/table.ts';
import { answersOf, those } from '../../src/engine/resources/those.ts';
import { lookup } from '../../src/model/text/lookup.ts';
import { patchOf } from '../../src/view/patch.ts';

const hostile = ['constructor', '__proto__', 'toString', '7', 'hasOwnProperty', ''];
const names = [...hostile, ...Array.from({ length: plainTable + 1 }, (_, i) => `r${i}`)];
const list = names.map((name, i) => ({ name, i }));
const many = tableOf(names, list);

describe('a table of many', () => {
  it('has what an object of them has', () => {
    expect(Object.keys(many)).toEqual(names);
    expect(Object.values(many)).toEqual(list);
    expect({ ...many }.r3).toBe(list[hostile.length + 3]);
    expect(JSON.parse(JSON.stringify({ ...many, ['__proto__']: undefined })).r7.name).toBe('r7');
    for (const [i, name] of names.entries()) {
      expect(lookup(many, name), name).toBe(list[i]);
      expect(name in many && Object.hasOwn(many, name), name).toBe(true);
    }
  });

  it('knows its own names alone, and is not written to', () => {
    const plain = tableOf(names.slice(hostile.length), list.slice(hostile.length));
    for (const name of hostile) expect(lookup(plain, name), name).toBe(undefined);
    expect(() => Object.assign(plain, { r1: null })).toThrow(TypeError);
    expect(() => Reflect.deleteProperty(plain, 'r1') || Object.freeze(plain)).toThrow(TypeError);
    expect(plain.r1).toBe(list[hostile.length + 1]);
  });

  it('one of few has the same names, hostile ones too', () => {
    const few = tableOf(hostile, list.slice(0, hostile.length));
    for (const [i, name] of hostile.entries()) expect(lookup(few, name), name).toBe(list[i]);
  });
});

describe('what changed', () => {
  const order = Array.from({ length: 300 }, (_, i) => `r${i}`);
  const values = order.map((name) => ({ name, value: 0 }));
  const before = listing(order, values);
  const after = listing(
    order,
    values.map((each, i) => (i === 7 || i === 9 ? { ...each, value: i } : each)),
  );

  it('is known of two tables of one order, and is their patch', () => {
    expect(namesChanged(before, after)).toEqual(['r7', 'r9']);
    expect(patchOf(before, after)).toEqual(patchOf({ ...before }, { ...after }));
    expect(namesChanged(before, { ...after })).toBe(null);
  });

  it('keeps up those of whom something holds, in the order asked for', () => {
    const asked: string[] = [];
    const odd = those(
      (each: { name: string; value: number }) => {
        asked.push(each.name);
        return each.value % 2 === 1;
      },
      (a, b) => b.value - a.value,
    );
    expect(odd({ resources: before, order })).toEqual([]);
    asked.length = 0;
    expect(odd({ resources: after, order }).map(({ name }) => name)).toEqual(['r9', 'r7']);
    expect(new Set(asked)).toEqual(new Set(['r7', 'r9']));
    const fewer = order.filter((name) => name !== 'r8');
    expect(odd({ resources: after, order: fewer }).map(({ name }) => name)).toEqual(['r9', 'r7']);
    expect(odd({ resources: before, order })).toEqual([]);
  });

  it('is the same as looked through anew, however often anything changes', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const is = ({ value }: { value: number }): boolean => value > 2;
    const keptUp = those(is, (a: { value: number }, b: { value: number }) => a.value - b.value);
    let now = values;
    for (let round = 0; round < 500; round += 1) {
      const touched = new Set(Array.from({ length: 1 + random(round % 50 === 0 ? 300 : 4) }, () => random(300)));
      now = now.map((each, i) => (touched.has(i) ? { ...each, value: random(6) } : each));
      const anew = now.filter(is).toSorted((a, b) => a.value - b.value);
      expect(keptUp({ resources: listing(order, now), order })).toEqual(anew);
    }
  });

  it('answers stay the same array while all of them are the same', () => {
    const parity = answersOf((each: { value: number }) => each.value % 2);
    const first = parity({ resources: before, order });
    expect(
      parity({
        resources: listing(
          order,
          values.map((each) => ({ ...each, value: 2 })),
        ),
        order,
      }),
    ).toBe(first);
    expect(parity({ resources: after, order })).not.toBe(first);
    expect(listed({ resources: after, order })[7]).toEqual({ name: 'r7', value: 7 });
  });
});
