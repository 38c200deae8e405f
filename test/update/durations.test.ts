// How long first runs took, from one session to the next.
import { expect, it } from 'vitest';
import { limits } from '../../src/model/limits.ts';
import { createDurations } from '../../src/update/durations.ts';

const disk = (first: unknown = null) => {
  const files = new Map<string, unknown>([['/p/durations', first]]);
  return {
    files,
    load: async (dir: string, name: string) => files.get(`${dir}/${name}`) ?? null,
    save: async (dir: string, name: string, value: unknown) =>
      void files.set(`${dir}/${name}`, JSON.parse(JSON.stringify(value))),
  };
};

it('notes each resource once in a session, half and half with what it took before', async () => {
  const on = disk({ web: 1_000, old: 5 });
  const times = createDurations(on, '/p', 'sluice.yaml');
  await Promise.all([times.note({ web: 3_000 }), times.note({ web: 9_000, db: 40 })]);
  await times.settled();
  expect(await createDurations(on, '/p', 'sluice.yaml').recall()).toEqual({ old: 5, web: 2_000, db: 40 });
});

it('keeps those of another configuration in the same directory apart', async () => {
  const on = disk();
  await createDurations(on, '/p', 'other.yaml').note({ web: 1 });
  expect(await createDurations(on, '/p', 'sluice.yaml').recall()).toEqual({});
});

it('forgets those unused for longest', async () => {
  const on = disk();
  const many = Object.fromEntries(Array.from({ length: limits.durationsRemembered + 5 }, (_, i) => [`r${i}`, i]));
  await createDurations(on, '/p', 'sluice.yaml').note(many);
  const known = await createDurations(on, '/p', 'sluice.yaml').recall();
  expect([Object.keys(known).length, known.r0, known.r5]).toEqual([limits.durationsRemembered, undefined, 5]);
});

it.each([[null], ['x'], [[1]], [{ a: 'x', b: -1, c: Number.NaN, d: { e: 1 }, f: 1e300 }]])(
  'takes nothing of what does not look right: %j',
  async (found) => {
    expect(await createDurations(disk(found), '/p', 'sluice.yaml').recall()).toEqual({});
  },
);

it('a directory that cannot be written to is none of the session', async () => {
  const refuses = { ...disk(), save: async () => Promise.reject(new Error('read only')) };
  const times = createDurations(refuses, '/p', 'sluice.yaml');
  await times.note({ web: 1 });
  await times.settled();
  expect(await times.recall()).toEqual({});
});
