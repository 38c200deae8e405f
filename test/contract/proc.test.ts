// What every ProcPort does, the real one and the one in memory.
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProc } from '../../src/adapters/proc/proc.ts';
import type { ProcEvent, ProcPort } from '../../src/model/ports.ts';
import { eventually } from '../support/facts.ts';
import { fakeProc } from '../support/ports.ts';

interface Testbed {
  readonly port: ProcPort;
  /** Commands that end with a code, and that last until they are asked to end. */
  readonly endsWith: (code: number) => string;
  /** Called once the command runs: it does what its text says. */
  play(): void;
  /** Called once it was asked to end. */
  end(): void;
  alive(pid: number): boolean;
}

const testbeds: Readonly<Record<string, () => Testbed>> = {
  'real processes': () => ({
    port: createProc(),
    endsWith: (code) => `echo hello; exit ${code}`,
    play: () => {},
    end: () => {},
    alive: (pid) => {
      try {
        process.kill(pid, 0);
        return true;
      } catch {
        return false;
      }
    },
  }),
  'those in memory': () => {
    const port = fakeProc();
    return {
      port,
      endsWith: (code) => `${code}`,
      play: () => {
        const it = port.alive[0];
        it?.say('hello\n');
        it?.exit(Number(it.spec.cmd));
      },
      end: () => port.alive[0]?.exit(null, 'SIGTERM'),
      alive: (pid) => port.alive.some((it) => it.pid === pid),
    };
  },
};

describe.each(Object.entries(testbeds))('%s', (_name, make) => {
  const run = (it: Testbed, cmd: string, stop = new AbortController()) => {
    const events: ProcEvent[] = [];
    let isComplete = false;
    const running = it.port.run({ cmd, dir: '/' }, stop.signal).subscribe({
      next: (event) => events.push(event),
      complete: () => {
        isComplete = true;
      },
    });
    onTestFinished(() => running.unsubscribe());
    const pid = () => {
      const started = events.find((event) => event.is === 'started');
      return started?.is === 'started' ? started.pid : null;
    };
    return { events, running, stop, pid, isComplete: () => isComplete };
  };

  it('tells that it started, its output, and its end, then completes', async () => {
    const it = make();
    const { events, isComplete, pid } = run(it, it.endsWith(3));
    await eventually(pid, 'it started', 5_000);
    it.play();
    await eventually(() => isComplete() || null, 'it ended', 5_000);
    const output = events.flatMap((event) => (event.is === 'output' ? [event.chunk] : []));
    expect(Buffer.concat(output).toString()).toBe('hello\n');
    expect(events.at(-1)).toEqual({ is: 'exited', code: 3, signal: null });
  });

  it('asked to end it says so, and nothing of it is left', async () => {
    const it = make();
    const { events, stop, pid, isComplete } = run(it, 'exec sleep 1000');
    const started = await eventually(pid, 'it started', 5_000);
    stop.abort();
    it.end();
    await eventually(() => isComplete() || null, 'it ended', 8_000);
    expect(events.at(-1)).toMatchObject({ is: 'exited', signal: 'SIGTERM' });
    expect(it.alive(started)).toBe(false);
  });

  it('dropped it is gone', async () => {
    const it = make();
    const { running, pid } = run(it, 'exec sleep 1000');
    const started = await eventually(pid, 'it started', 5_000);
    running.unsubscribe();
    await eventually(() => !it.alive(started) || null, 'it is gone', 5_000);
  });

  it('asked to end before it began it never starts', async () => {
    const it = make();
    const stop = new AbortController();
    stop.abort();
    const { pid, isComplete } = run(it, 'exec sleep 1000', stop);
    await eventually(() => isComplete() || null, 'it is over', 5_000);
    expect(pid()).toBe(null);
  });
});
