// The loop around the view, on streams that are no terminal.
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { BehaviorSubject } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { PublicState, UserAction } from '../../../src/model/public-state.ts';
import { startTui, type Tui } from '../../../src/view/tui/index.ts';
import { memoryLog } from './lines.ts';
import { noon, resource, shop } from './states.ts';

class Output extends Writable {
  readonly isTTY = true;
  readonly columns = 80;
  readonly rows = 24;
  text = '';
  writes = 0;
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.writes += 1;
    done();
  }
}

const calm: PublicState = { ...shop, order: ['db'], resources: { db: resource('db') } };

function start() {
  const output = new Output();
  const input = new PassThrough();
  const state$ = new BehaviorSubject<PublicState>(calm);
  const logs = memoryLog();
  const asked: UserAction[] = [];
  const tui = startTui({
    state$,
    logs,
    act: (action) => asked.push(action),
    clearLogs: () => {},
    input: input as never,
    output: output as never,
    env: { TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    now: () => noon,
    keysFile: null,
    openUrl: () => {},
    title: 'shop',
  });
  /** A frame is due within the frame interval: wait for the text. */
  const until = async (passes: () => boolean) => {
    const end = Date.now() + 10_000;
    while (!passes()) {
      if (Date.now() > end) throw new Error(`never written; last:\n${JSON.stringify(output.text.slice(-2_000))}`);
      await turn();
    }
  };
  return { output, input, state$, logs, asked, tui, until };
}

describe('the view', () => {
  let tui: Tui;
  afterEach(() => tui.close());

  it('writes nothing for a state that looks the same', async () => {
    const view = start();
    tui = view.tui;
    await view.until(() => view.output.text.includes('db'));
    const { writes } = view.output;
    view.state$.next({ ...calm, resources: { db: { ...calm.resources.db!, logs: { lines: 5, bytes: 9 } } } });
    // The next thing that does change comes after it, in the same frame or a later one.
    view.state$.next({ ...calm, changes: { seen: 9, live: 9 } });
    await view.until(() => view.output.text.includes('save 9'));
    expect(view.output.writes - writes).toBe(1);
  });

  it('draws a flood of changes in few frames', async () => {
    const view = start();
    tui = view.tui;
    await view.until(() => view.output.text.includes('db'));
    const { writes } = view.output;
    for (let i = 1; i <= 1_000; i++) {
      view.logs.add({ resource: 'db', text: `line ${i}` });
      view.state$.next({ ...calm, changes: { seen: i, live: i } });
    }
    await view.until(() => view.output.text.includes('999'));
    expect(view.output.writes - writes).toBeLessThanOrEqual(2);
  });

  it('ends as asked, and as an error when its input is gone', async () => {
    const asked = start();
    tui = asked.tui;
    asked.input.write('q');
    expect(await tui.closed).toBe('quit');
    tui.close();
    const gone = start();
    tui = gone.tui;
    gone.input.end();
    expect(await tui.closed).toBe('error');
  });

  it('writes nothing after it was closed, and leaves no listener', async () => {
    const events = ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGCONT', 'uncaughtExceptionMonitor'] as const;
    const before = events.map((event) => process.listenerCount(event));
    const view = start();
    tui = view.tui;
    view.input.write('j');
    tui.close();
    const { writes } = view.output;
    view.logs.add({ resource: 'db', text: 'late' });
    view.state$.next(shop);
    view.input.write('k');
    await turn();
    expect(view.output.writes).toBe(writes);
    expect(events.map((event) => process.listenerCount(event))).toEqual(before);
    expect(view.state$.observed).toBe(false);
    expect([...view.output.eventNames(), ...view.input.eventNames()]).not.toContain('resize');
  });

  it('takes an escape that nothing follows for the key', async () => {
    const view = start();
    tui = view.tui;
    view.input.write('?');
    await view.until(() => view.output.text.includes('Moving about'));
    const { length } = view.output.text;
    view.input.write('\x1b');
    await view.until(() => view.output.text.slice(length).includes('db'));
  });
});
