// Golden pictures: what a fixed state looks like at three sizes. `UPDATE_FRAMES=1` writes them anew; look at them then.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PublicState } from '../../../src/model/public-state.ts';
import { layout } from '../../../src/view/tui/layout/frame.ts';
import type { Model } from '../../../src/view/tui/model.ts';
import { textOf } from '../../../src/view/tui/paint/cells.ts';
import { paletteOf } from '../../../src/view/tui/paint/palette.ts';
import { type Driven, driven } from './driven.ts';
import { crowd, noon, resource, shop } from './states.ts';

beforeAll(() => void vi.stubEnv('TZ', 'UTC'));
afterAll(() => void vi.unstubAllEnvs());

const sizes = [
  [60, 15],
  [80, 24],
  [160, 50],
] as const;
const folder = path.join(import.meta.dirname, '../../frames');
const brokenConfig: PublicState = {
  ...shop,
  config: {
    ok: false,
    problems: [
      {
        kind: 'yours',
        code: 'S101',
        what: 'unknown key "imges"',
        hint: 'did you mean "images"?',
        at: { file: '/home/ada/shop/sluice.yaml', line: 2, column: 1 },
      },
      {
        kind: 'yours',
        code: 'S102',
        what: 'needs "dbb", which is no resource',
        hint: 'the nearest name is "db"',
        at: { file: '/home/ada/shop/sluice.yaml', line: 31, column: 12 },
      },
    ],
  },
};
const odd: PublicState = {
  ...shop,
  order: ['a', '漢字のサービス', 'x'.repeat(80), 'esc'],
  resources: {
    a: resource('a'),
    漢字のサービス: resource('漢字のサービス', { endpoints: [`http://localhost:1/${'long/'.repeat(40)}`] }),
    ['x'.repeat(80)]: resource('x'.repeat(80), {
      update: {
        status: 'running',
        why: [],
        step: `build 🎉 ${'y'.repeat(200)}`,
        startedAt: noon - 65_000,
        estimate: 20_000,
      },
    }),
    esc: resource('esc', { runtime: { status: 'failed', text: 'Evil\x1b[2J\x07\nError', restarts: 1234, pods: [] } }),
  },
};

const pictures: Record<string, (view: Driven) => void | Promise<void>> = {
  main: () => {},
  'main-selected-failed': (view) => view.keys('j', 'j', 'j', 'j', 'j', 'j', 'j'),
  folded: (view) => view.keys('j', 'j', 'j', 'h'),
  marked: (view) => view.keys('space', 'space'),
  detail: (view) => view.keys('j', 'j', 'j', 'j', 'enter'),
  'detail-failed': (view) => view.keys('j', 'j', 'j', 'j', 'j', 'j', 'j', 'enter'),
  'logs-all-times': (view) => view.keys('a', 'i', 'tab'),
  'logs-wrapped': (view) => view.keys('a', 'w', 'i', 'z'),
  'logs-paused': async (view) => {
    await view.keys('a', 'tab', 'k', 'k', 'k');
    view.logs.add({ text: 'a new line' }, { text: 'and another' });
    await view.keys();
  },
  'search-typing': (view) => view.keys('a', '/', 'c', 'a', 'r', 't'),
  'search-found': (view) => view.keys('a', '/', 'p', 'a', 'n', 'i', 'c', 'enter', 'n'),
  'copy-mode': (view) => view.keys('a', 'y', 'k', 'k'),
  help: (view) => view.keys('?'),
  palette: (view) => view.keys(':', 'r', 'e', 's'),
  problems: (view) => view.keys('p'),
  confirm: (view) => view.keys('d'),
  'broken-config': (view) => view.state(brokenConfig),
  'broken-config-problems': (view) => view.state(brokenConfig, 'p'),
  'no-resources': (view) => view.state({ ...shop, order: [], resources: {}, changes: { seen: 0, live: 0 } }),
  'odd-names': (view) => view.state(odd),
  crowd: (view) => view.state(crowd(300), 'G'),
};

const drawn = (model: Model): string => textOf(layout(model, paletteOf(256, 'dark')).cells);

describe.each(sizes)('at %i×%i', (width, height) => {
  it.each(Object.keys(pictures))('%s looks as it did', async (name) => {
    const view = await driven(width, height);
    await pictures[name]!(view);
    const picture = drawn(view.model);
    const file = path.join(folder, `${name}.${width}x${height}.txt`);
    mkdirSync(folder, { recursive: true });
    if (process.env.UPDATE_FRAMES) writeFileSync(file, picture);
    expect(picture).toBe(readFileSync(file, 'utf8'));
  });

  it('before there is any state it says what it does', async () => {
    const view = await driven(width, height, null);
    expect(drawn(view.model)).toContain('starting: reading the configuration');
  });
});

it('says what it needs where there is no room', async () => {
  expect(drawn((await driven(30, 6)).model)).toContain('sluice needs 40×8');
});
