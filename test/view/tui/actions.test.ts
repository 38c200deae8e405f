// What keys ask for, beyond what the terminal tests press.
import { expect, it } from 'vitest';
import { layout } from '../../../src/view/tui/layout/frame.ts';
import { paletteOf } from '../../../src/view/tui/paint/palette.ts';
import { driven } from './driven.ts';
import { resource, shop } from './states.ts';

it('acts on every marked resource and then forgets the marks', async () => {
  const view = await driven(80, 24);
  await view.keys('space', 'space', 't');
  expect(view.asked.map((effect) => 'resource' in effect && effect.resource)).toEqual(['codegen', 'db']);
  expect(view.model.marked.size).toBe(0);
});

it('acts on every member of a selected group', async () => {
  const view = await driven(80, 24);
  await view.keys('j', 'j', 'j', 'r');
  expect(view.asked.map((effect) => 'resource' in effect && effect.resource)).toEqual(['web', 'admin']);
});

it('asks nothing when a question is answered with no', async () => {
  const view = await driven(80, 24);
  await view.keys('d', 'n', 'd', 'esc', 'c', 'n');
  expect(view.asked).toEqual([]);
  expect(view.model.overlay).toBeNull();
});

it('enables at once what is disabled', async () => {
  const view = await driven(80, 24);
  await view.keys('G', 'd');
  expect(view.asked).toEqual([{ do: 'act', verb: 'enable', resource: 'mail' }]);
});

it('finds a resource and an action by a few letters', async () => {
  const view = await driven(80, 24);
  await view.keys(':', 'w', 'r', 'k', 'e', 'r', 'enter');
  expect(view.model.selected).toBe('resource worker');
  await view.keys(':', 's', 'c', 'r', 'a', 't', 'c', 'h', 'enter');
  expect(view.asked).toEqual([{ do: 'act', verb: 'force', resource: 'worker' }]);
});

it('unfolds to a resource that is looked for in a folded group', async () => {
  const view = await driven(80, 24);
  await view.keys('j', 'j', 'j', 'h', ':', 'a', 'd', 'm', 'i', 'n', 'enter');
  expect(view.model.selected).toBe('resource admin');
});

it('keeps to the group when its selected member is folded away, and to another row when one is gone', async () => {
  const view = await driven(80, 24);
  await view.keys('j', 'j', 'j', 'j', 'h', 'h');
  expect(view.model.selected).toBe('group frontend');
  const { web: _gone, ...resources } = shop.resources;
  await view.state({ ...shop, order: shop.order.filter((name) => name !== 'web'), resources });
  expect(view.model.selected).toBe('group frontend');
});

it('goes from the list of problems to the resource, and to the file', async () => {
  const view = await driven(80, 24);
  await view.keys('p', 'j', 'enter');
  expect(view.model.selected).toBe('resource worker');
  expect(view.model.detail).not.toBeNull();
  await view.keys('p', 'e');
  expect(view.asked).toEqual([{ do: 'edit', file: '/home/ada/shop/api/main.go', line: 41, column: 9 }]);
});

it('lets one choose among several endpoints', async () => {
  const view = await driven(80, 24);
  await view.keys('j', 'j', 'j', 'j', 'o', 'down', 'enter');
  expect(view.asked).toEqual([{ do: 'open', url: 'http://localhost:9229/' }]);
});

it('draws any size without a throw', async () => {
  for (const width of [1, 39, 40, 41, 59, 79, 99, 121, 400]) {
    for (const height of [1, 7, 8, 9, 14, 23, 100]) {
      const view = await driven(width, height, {
        ...shop,
        resources: { ...shop.resources, web: resource('漢'.repeat(60)) },
      });
      for (const key of ['j', 'enter', '?', 'esc', 'p', 'esc', ':', 'esc', 'd', 'n', 'z', 'w', '/', 'x', 'esc']) {
        await view.keys(key);
        expect(layout(view.model, paletteOf(256, 'light')).cells.chars).toHaveLength(width * height);
      }
    }
  }
});
