// Requests on stdin of `up --json --stdin`: their answers are records of the one stream.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { streamSchema } from '../../src/view/stream-schema.ts';
import { environment, program, runtimeDir, sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';
import { faultsOf } from '../view/support/json-schema.ts';

interface Line {
  readonly type: string;
  readonly seq: number;
  readonly id?: unknown;
  readonly text?: string;
  readonly ok?: boolean;
  readonly result?: unknown;
  readonly problem?: { readonly code: string };
}

const config = `local:
  server: {serve: echo serving; exec sleep 1000}
`;

/** `up --json --stdin`, every record checked against the schema; killed when the test ends. */
function session(dir: string) {
  const child = spawn(process.execPath, [program, 'up', '--json', '--stdin'], {
    cwd: dir,
    env: environment({ XDG_RUNTIME_DIR: runtimeDir() }),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text) as Line);
    for (const look of waiting) look();
  });
  const line = (holds: (line: Line) => boolean): Promise<Line> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = lines.find(holds);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    lines,
    write: (text: string) => child.stdin.write(text),
    end: () => child.stdin.end(),
    answer: (id: unknown) => line((it) => it.type === 'answer' && it.id === id),
    line,
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
}

it('answers requests on stdin in the stream itself, without a gap in seq', async () => {
  const it = session(tempProject({ 'sluice.yaml': config }));
  it.write('{"id": "ready", "do": "wait"}\n{"id": 2, "do": "status"}\n\n{"id": 3, "do": "fly"}\nno json\n');
  expect(await it.answer('ready')).toMatchObject({ ok: true, result: { ok: true } });
  expect(await it.answer(2)).toMatchObject({ ok: true, result: { resources: expect.anything() } });
  expect(await it.answer(3)).toMatchObject({ ok: false, problem: { code: 'S622' } });
  expect(await it.answer(null)).toMatchObject({ ok: false, problem: { code: 'S621' } });

  it.write(`{"id": 4, "do": "${'x'.repeat(70_000)}"}\n`);
  expect(await it.line((line) => line.problem?.code === 'S650')).toMatchObject({ type: 'answer', ok: false });

  await it.line(({ type, text }) => type === 'log' && text === 'serving');
  it.write('{"id": 5, "do": "logs", "resource": "server"}\n');
  expect(await it.answer(5)).toMatchObject({ ok: true, result: [{ resource: 'server', text: 'serving' }] });

  // The last line needs no end.
  it.write('{"id": 6, "do": "stop"}');
  it.end();
  expect(await it.answer(6)).toMatchObject({ ok: true });
  expect(await it.ended).toBe(0);
  expect(it.lines.map(({ seq }) => seq)).toEqual(it.lines.map((_, i) => i + 1));
  expect(it.lines.at(-1)?.type).toBe('verdict');
  for (const line of it.lines) expect(faultsOf(line, streamSchema)).toEqual([]);
});

it('refuses --stdin without the stream that would carry the answers', async () => {
  const { code, stderr } = await sluice(tempProject({ 'sluice.yaml': config }), ['up', '--stdin']);
  expect(code).toBe(2);
  expect(stderr).toContain('--json');
});
