// The log pane over a log of which the oldest part is on disk.
import { describe, expect, it } from 'vitest';
import { layout } from '../../../src/view/tui/layout/frame.ts';
import { textOf } from '../../../src/view/tui/paint/cells.ts';
import { paletteOf } from '../../../src/view/tui/paint/palette.ts';
import { panesOf } from '../../../src/view/tui/paint/panes.ts';
import { eventually } from '../../support/facts.ts';
import { type Driven, driven } from './driven.ts';
import { memoryLog } from './lines.ts';
import { shop } from './states.ts';

/** Rows of the log pane as they are drawn. */
function rows(view: Driven): string[] {
  const { logs } = panesOf(view.model);
  const all = textOf(layout(view.model, paletteOf(0, 'unknown')).cells).split('\n');
  return all.slice(logs.y, logs.y + logs.height).map((row) => row.replace(/^\S* *│ ?/, ''));
}
const numbers = (view: Driven) => rows(view).map(Number);

async function over(lines: number, spilled: number, text: (n: number) => string = String) {
  const logs = memoryLog(spilled);
  const view = await driven(80, 24, shop, logs);
  logs.add(...Array.from({ length: lines }, (_, i) => ({ text: text(i + 1) })));
  await view.keys('a', 'z');
  return view;
}

describe('the log pane', () => {
  it('follows the end', async () => {
    const view = await over(100, 0);
    expect(numbers(view).at(-1)).toBe(100);
    view.logs.add({ text: '101' });
    await view.keys();
    expect(numbers(view).at(-1)).toBe(101);
  });

  it('shows every line once on the way up into the spilled part, and down again', async () => {
    const view = await over(300, 200);
    const height = numbers(view).length;
    for (let first = 300 - height + 1; first > 1; first--) {
      expect(numbers(view)).toEqual(Array.from({ length: height }, (_, i) => first + i));
      await view.keys('k');
    }
    for (let first = 1; first < 300 - height; first += height - 1) {
      expect(numbers(view)[0]).toBe(first);
      await view.keys('pgdown');
    }
    expect(numbers(view).at(-1)).toBe(300);
    expect(view.model.log.anchor).toBeNull();
  });

  it('goes to the very first line and back to following', async () => {
    const view = await over(300, 200);
    await view.keys('g');
    expect(numbers(view)[0]).toBe(1);
    await view.keys('G');
    expect(numbers(view).at(-1)).toBe(300);
  });

  it('stays where it is while lines come', async () => {
    const view = await over(300, 0);
    await view.keys('k', 'k');
    const before = rows(view);
    view.logs.add({ text: '301' }, { text: '302' });
    await view.keys();
    expect(rows(view)).toEqual(before);
    expect(view.model.log.fresh).toBe(2);
  });

  it('adds up scrolls that come faster than they are done', async () => {
    const view = await over(300, 200);
    const top = numbers(view)[0]!;
    for (let i = 0; i < 10; i++) view.send({ is: 'key', key: 'k' });
    await view.keys();
    expect(numbers(view)[0]).toBe(top - 10);
  });

  it('scrolls wrapped lines by rows', async () => {
    const view = await over(40, 0, (n) => `${n}:${'x'.repeat(150)}`);
    await view.keys('w');
    const before = rows(view);
    await view.keys('k');
    expect(rows(view).slice(1)).toEqual(before.slice(0, -1));
    await view.keys('j');
    expect(rows(view)).toEqual(before);
    expect(view.model.log.anchor).toBeNull();
  });

  it('finds the only match in the spilled part, and says when there is none', async () => {
    const view = await over(300, 200, (n) => (n === 7 ? 'needle' : String(n)));
    await view.keys('/', 'n', 'e', 'e', 'd', 'l', 'e', 'enter');
    expect(rows(view)).toContain('needle');
    expect(view.model.log.search).toMatchObject({ at: 7, count: 1 });
    await view.keys('esc', '/', 'n', 'o', 'n', 'e', 'enter');
    expect(view.model.notice?.text).toBe('no match');
  });

  it('goes on from a search that is still under way, key by key', async () => {
    const view = await over(100, 0, (n) => (n % 10 === 5 ? 'needle' : String(n)));
    for (const key of ['/', 'n', 'e', 'e', 'd', 'l', 'e', 'enter', 'n', 'n']) view.send({ is: 'key', key });
    await eventually(() => view.model.log.search?.at === 75 || null, 'the third match from the end');
  });

  it('counts matches among lines that come later', async () => {
    const view = await over(50, 0, (n) => (n === 7 ? 'needle' : String(n)));
    await view.keys('/', 'n', 'e', 'e', 'd', 'l', 'e', 'enter');
    view.logs.add({ text: 'another \x1b[31mneed\x1b[0mle' }, { text: 'none' });
    await view.keys();
    expect(view.model.log.search).toMatchObject({ at: 7, count: 2 });
  });

  it('is not frozen by a pattern that backtracks without end', async () => {
    const view = await over(30, 0, () => 'a'.repeat(60));
    await view.keys('/', '(', 'a', '+', ')', '+', '$', 'b');
    expect(rows(view)[0]).toBe('a'.repeat(60));
  });

  it('looks for what is no regular expression as it stands', async () => {
    const view = await over(20, 0, (n) => (n === 7 ? 'a[b' : String(n)));
    await view.keys('/', 'a', '[', 'b', 'enter');
    expect(view.model.log.search).toMatchObject({ at: 7 });
  });

  it('goes back to where it was when a search is given up', async () => {
    const view = await over(300, 0);
    await view.keys('k', 'k', 'k');
    const before = rows(view);
    await view.keys('/', '1', '2', 'esc');
    expect(rows(view)).toEqual(before);
  });

  it('jumps to the last error', async () => {
    const view = await over(100, 0);
    view.logs.add({ text: 'bad', level: 'error' }, ...Array.from({ length: 80 }, (_, i) => ({ text: String(i) })));
    await view.keys('E');
    expect(rows(view)).toContain('bad');
  });
});
