// What a frame of the full-screen view costs with some hundred resources, 100,000 lines held and 5,000 arriving a second.
import { PassThrough, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { BehaviorSubject } from 'rxjs';
import { it } from 'vitest';
import { listed, listing } from '../../src/engine/resources/resource-list.ts';
import { createLogStore } from '../../src/logs/store.ts';
import type { LogStore } from '../../src/model/log.ts';
import type { PublicResource, PublicState } from '../../src/model/public-state.ts';
import { commands } from '../../src/view/tui/commands.ts';
import { startTui } from '../../src/view/tui/index.ts';
import { keymapOf } from '../../src/view/tui/keys/keymap.ts';
import { layout } from '../../src/view/tui/layout/frame.ts';
import { logController } from '../../src/view/tui/log/controller.ts';
import { freshModel } from '../../src/view/tui/model.ts';
import { paletteOf } from '../../src/view/tui/paint/palette.ts';
import { openTerm } from '../../src/view/tui/terminal/term.ts';
import { abilitiesOf } from '../../src/view/tui/terminal/terminal.ts';
import { update } from '../../src/view/tui/update.ts';
import { crowd } from '../view/tui/states.ts';
import { figure, p99 } from './figure.ts';

const HELD = 100_000;
const PER_SECOND = 5_000;
const SECONDS = 8;

/** A terminal that takes everything and notes when. */
class Screen extends Writable {
  readonly isTTY = true;
  readonly columns = 160;
  readonly rows = 50;
  readonly writes: { at: number; bytes: number }[] = [];
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push({ at: performance.now(), bytes: chunk.length });
    done();
  }
}

const words = [
  'GET',
  '/cart',
  '200',
  'checkpoint',
  'complete',
  '\x1b[32mok\x1b[0m',
  'slow query',
  '漢字',
  'user=42',
  '🎉',
];
const line = (i: number) =>
  `${i} ${words[i % 10]} ${words[(i * 7) % 10]} ${words[(i * 3) % 10]} took ${i % 977} ms for a request that did this and that`;

const env = { TERM: 'xterm-256color', COLORFGBG: '15;0', LANG: 'C.UTF-8' };

const writeTo = (logs: LogStore, names: readonly string[], from: number, count: number): void => {
  for (let i = from; i < from + count; i++) {
    const origin = { resource: names[i % names.length] ?? '', source: 'runtime', pod: 'p', container: 'c' } as const;
    logs.write(origin, `${line(i)}\n`, Date.now());
  }
};

/** As the session tells it: the same table with one resource another. */
const oneOther = (state: PublicState, i: number): PublicState => {
  const list = [...listed(state)];
  const place = i % list.length;
  const other = list[place] as PublicResource;
  list[place] = { ...other, logs: { lines: i, bytes: i * 100 } };
  return { ...state, resources: listing(state.order, list) };
};

async function heldLogs(names: readonly string[], lines: number): Promise<LogStore> {
  const logs = createLogStore({ dir: null });
  for (let from = 0; from < lines; from += 10_000) {
    writeTo(logs, names, from, Math.min(10_000, lines - from));
    await pause(0);
  }
  return logs;
}

it.each([300, 1_000])('lays out and draws a frame of %d resources', async (count) => {
  let state = crowd(count);
  const logs = await heldLogs(state.order, HELD);
  const term = openTerm(new Screen() as never, abilitiesOf(env));
  const palette = paletteOf(256, 'dark');
  let model = freshModel('shop', '/home/ada/shop', keymapOf(commands, null).keymap, 160, 50, Date.now());
  const controller = logController(
    logs,
    () => model,
    () => {},
  );
  const spent: number[] = [];
  for (let frame = 0; frame < 600; frame++) {
    writeTo(logs, state.order, HELD + frame * 170, 170);
    state = oneOther(state, frame);
    await pause(1);
    const key = ['j', 'a', 'k', 'tab'][frame % 4] ?? 'j';
    const started = performance.now();
    model = update(model, { is: 'state', state, now: Date.now() }).model;
    model = update(model, { is: 'key', key }).model;
    model = controller.filled(model);
    term.paint(layout(model, palette).cells);
    spent.push(performance.now() - started);
  }
  figure(frameOf(count), 'ms', spent.slice(50), 16);
  figure(`${frameOf(count)}, p99`, 'ms', [p99(spent.slice(50))], 16);
  term.destroy();
  await logs.close();
});

it.each([300, 1_000])(
  'answers keys under a flood of log lines, and rests when nothing happens: %d resources',
  async (count) => {
    let state = crowd(count);
    const logs = await heldLogs(state.order, HELD);
    const output = new Screen();
    const input = new PassThrough();
    const state$ = new BehaviorSubject<PublicState>(state);
    const tui = startTui({
      state$,
      logs,
      act: () => {},
      clearLogs: () => {},
      input: input as never,
      output: output as never,
      env,
      now: Date.now,
      keysFile: null,
      openUrl: () => {},
      title: 'shop',
    });
    await pause(300);
    input.write('a');
    await pause(300);
    output.writes.length = 0;
    const started = performance.now();
    const latencies: number[] = [];
    for (let tick = 0; performance.now() - started < SECONDS * 1_000; tick++) {
      writeTo(logs, state.order, HELD + (tick * PER_SECOND) / 50, PER_SECOND / 50);
      state = oneOther(state, tick);
      if (tick % 5 === 0) state$.next(state);
      if (tick % 10 === 3) latencies.push(await painted(input, output, tick % 20 === 3 ? 'j' : 'k'));
      await pause(20);
    }
    const frames = output.writes.length / ((performance.now() - started) / 1_000);
    const among = count === 300 ? '' : `, ${count} resources`;
    figure(`key to paint under 5,000 lines a second${among}`, 'ms', latencies, 30);
    figure(`key to paint under 5,000 lines a second${among}, p99`, 'ms', [p99(latencies)], 30);
    figure(`frames a second (as times 1)${among}`, '×', [frames], 30);
    const calm = Object.values(state.resources).map((resource) => [
      resource.name,
      { ...resource, update: { status: 'ok', why: [] } as const },
    ]);
    state$.next({ ...state, resources: Object.fromEntries(calm) });
    await pause(1_500);
    const before = output.writes.length;
    const cpu = process.cpuUsage();
    const from = performance.now();
    await pause(5_000);
    const { user, system } = process.cpuUsage(cpu);
    figure(`processor while idle${among}`, '%', [(user + system) / 10 / (performance.now() - from)], 0.5);
    figure(`frames while idle (as times 1)${among}`, '×', [output.writes.length - before], 0);
    tui.close();
    await logs.close();
  },
);

const frameOf = (count: number): string =>
  `frame of 160×50: update, layout and draw${count === 300 ? '' : `, ${count} resources`}`;

/** ms from a key to the next write to the terminal. */
async function painted(input: PassThrough, output: Screen, key: string): Promise<number> {
  const before = output.writes.length;
  const pressed = performance.now();
  input.write(key);
  while (output.writes.length === before && performance.now() - pressed < 500) await pause(0);
  return (output.writes[before]?.at ?? performance.now()) - pressed;
}
