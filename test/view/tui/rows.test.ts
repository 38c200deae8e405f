// What a frame costs with many resources: they are looked through once for a state, however often a frame asks.
import { expect, it } from 'vitest';
import type { PublicState } from '../../../src/model/public-state.ts';
import { commands } from '../../../src/view/tui/commands.ts';
import { keymapOf } from '../../../src/view/tui/keys/keymap.ts';
import { layout } from '../../../src/view/tui/layout/frame.ts';
import { resourcesOf } from '../../../src/view/tui/lists/rows.ts';
import { freshModel } from '../../../src/view/tui/model.ts';
import { paletteOf } from '../../../src/view/tui/paint/palette.ts';
import { update } from '../../../src/view/tui/update.ts';
import { crowd, noon, resource, shop } from './states.ts';

/** The state, and how often a resource of it was read. */
function counted(state: PublicState) {
  const read = { times: 0 };
  const resources = new Proxy(state.resources, {
    get: (target, key) => {
      read.times++;
      return Reflect.get(target, key);
    },
    getOwnPropertyDescriptor: (target, key) => {
      read.times++;
      return { ...Reflect.getOwnPropertyDescriptor(target, key), configurable: true } as PropertyDescriptor;
    },
  });
  return { state: { ...state, resources }, read };
}

it('reads each resource of a state a few times for any number of keys and frames', () => {
  const count = 1_000;
  const { state, read } = counted({ ...crowd(count), resources: { ...crowd(count).resources } });
  const palette = paletteOf(256, 'dark');
  const fresh = freshModel('shop', '/home/ada/shop', keymapOf(commands, null).keymap, 160, 50, noon);
  let model = update(fresh, { is: 'state', state, now: noon }).model;
  layout(model, palette);
  expect(read.times).toBeLessThan(6 * count);
  read.times = 0;
  for (let frame = 0; frame < 20; frame++) {
    model = update(model, { is: 'key', key: 'j' }).model;
    layout(model, palette);
  }
  expect(read.times).toBeLessThan(count);
});

it('shows those too that the order does not name, last', () => {
  const state = { ...shop, order: ['web'], resources: { db: resource('db'), web: resource('web') } };
  expect(resourcesOf(state).map(({ name }) => name)).toEqual(['web', 'db']);
  expect(resourcesOf(state)).toBe(resourcesOf(state));
});
