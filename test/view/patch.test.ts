import jsonPatch from 'fast-json-patch';
import { expect, test } from 'vitest';
import { patchOf } from '../../src/view/patch.ts';

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The patch as it goes over the wire, applied by an implementation of others. */
function applied(before: unknown, after: unknown): unknown {
  const patch = json(patchOf(before, after)) as jsonPatch.Operation[];
  return jsonPatch.applyPatch(json(before), patch, true).newDocument;
}

/** Small linear congruential generator: the same trees in each run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

const keys = ['a', 'b', 'a/b', 'm~n', '', 'ä', '0'];

function tree(next: (below: number) => number, depth: number): unknown {
  const leaf = [1, 0, 'x', '', null, true, undefined, 'y'];
  const kind = depth === 0 ? 0 : next(4);
  if (kind < 2) return leaf[next(leaf.length)];
  if (kind === 2) return Array.from({ length: next(4) }, () => tree(next, depth - 1) ?? null);
  return Object.fromEntries(
    Array.from({ length: next(5) }, () => [keys[next(keys.length)] as string, tree(next, depth - 1)]),
  );
}

test('applying the patch gives the later state, for any two trees', () => {
  const next = random(42);
  for (let i = 0; i < 3_000; i++) {
    const before = { root: tree(next, 4) };
    const after = { root: tree(next, 4) };
    expect(applied(before, after)).toEqual(json(after));
  }
});

test('a sequence of patches gives the last of many small changes', () => {
  const next = random(7);
  let state: Record<string, unknown> = { resources: {} };
  let seen = json(state);
  for (let i = 0; i < 500; i++) {
    const after = { ...state, resources: { ...(state.resources as object), [`r${next(20)}`]: tree(next, 3) } };
    seen = jsonPatch.applyPatch(seen, json(patchOf(state, after)) as jsonPatch.Operation[]).newDocument;
    state = after;
  }
  expect(seen).toEqual(json(state));
});

test('equal states give no operation, and a grown list only what was added', () => {
  expect(patchOf({ a: [1, { b: 2 }], c: undefined }, { a: [1, { b: 2 }] })).toEqual([]);
  expect(patchOf({ a: [1] }, { a: [1, 2] })).toEqual([{ op: 'add', path: '/a/1', value: 2 }]);
  expect(patchOf({ a: [1, 2] }, { a: [2, 3, 4] })).toEqual([{ op: 'replace', path: '/a', value: [2, 3, 4] }]);
});

test('what did not change by reference is not looked into', () => {
  const trap = new Proxy({}, { ownKeys: () => expect.fail('looked into') });
  expect(patchOf({ same: trap, n: 1 }, { same: trap, n: 2 })).toEqual([{ op: 'replace', path: '/n', value: 2 }]);
});
