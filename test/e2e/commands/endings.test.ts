// However a session ends, it ends in order: told, with its code, and with nothing left behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually, processesWith } from '../../support/facts.ts';
import { environment, program, runtimeDir } from '../../support/sluice.ts';
import { tempProject } from '../../support/temp.ts';

/** A server that says nothing after its first word; its command line is found by `mark`. */
const silent = (mark: string) =>
  tempProject({ 'sluice.yaml': `local: {web: {serve: "echo up; exec sleep ${mark}"}}\n` });

const shell = (dir: string, line: string, env: Readonly<Record<string, string>> = {}) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn('bash', ['-c', line], {
      cwd: dir,
      env: environment({ SLUICE: `${process.execPath} ${program}`, XDG_RUNTIME_DIR: runtimeDir(), ...env }),
      timeout: 60_000,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });

it('where the working directory was deleted, every command says so', async () => {
  const dir = tempProject({ 'gone/x': '' });
  for (const command of ['status', 'up --once', 'init']) {
    const { code, stderr } = await shell(dir, `mkdir -p gone; cd gone; rm -r ../gone; $SLUICE ${command}`);
    expect([command, code, stderr]).toEqual([
      command,
      2,
      expect.stringMatching(/working directory is not there.*hint: cd /s),
    ]);
  }
});

describe('a bug of sluice', () => {
  const faults = {
    "a timer's callback": 'throw new TypeError("oh")',
    'a promise nobody looks at': 'Promise.reject(new TypeError("oh"))',
  };
  const trigger = (fault: string) =>
    `data:text/javascript,process.once('SIGUSR2',()=>setTimeout(()=>{${encodeURIComponent(fault)}},1))`;

  it.each(Object.entries(faults).flatMap(([name, fault]) => ['--json', '--plain'].map((view) => [name, view, fault])))(
    'in %s ends %s with 70, told and recorded',
    async (_, view = '', fault = '') => {
      const mark = `${7_000_000 + Math.floor(Math.random() * 900_000)}`;
      const dir = silent(mark);
      const line = `$SLUICE up ${view} > out 2> err & pid=$!; until grep -q '"ready"\\|all ready' out; do sleep 0.1; done; kill -USR2 $pid; wait $pid; echo $?`;
      const { stdout } = await shell(dir, line, { NODE_OPTIONS: `--import=${trigger(fault)}` });
      const told = readFileSync(join(dir, 'err'), 'utf8');
      expect(stdout.trim()).toBe('70');
      expect(told).toMatch(/^sluice: a bug in sluice: oh\n {2}hint: please report it with the recording (\S+)\n$/);
      const recording = readFileSync(/recording (\S+)/.exec(told)?.[1] ?? '', 'utf8')
        .trim()
        .split('\n');
      expect(JSON.parse(recording.at(-1) ?? '')).toMatchObject({ type: 'engine/bug', error: 'oh' });
      if (view === '--json')
        expect(JSON.parse(readFileSync(join(dir, 'out'), 'utf8').trim().split('\n').at(-1) ?? '')).toMatchObject({
          type: 'verdict',
          ok: false,
          exitCode: 70,
        });
      expect(processesWith(`sleep ${mark}`)).toEqual([]);
    },
  );
});

describe('a reader that has gone, while there is nothing to say', () => {
  it.each(['up --json', 'up --plain'])('ends %s and its children', async (command) => {
    const mark = `${8_000_000 + Math.floor(Math.random() * 900_000)}`;
    const dir = silent(mark);
    const { stdout } = await shell(
      dir,
      `$SLUICE ${command} | grep -m1 'idle","value":true\\|all ready'; echo "\${PIPESTATUS[0]}"`,
    );
    expect(stdout.trim().split('\n').at(-1)).toBe('141');
    expect(processesWith(`sleep ${mark}`)).toEqual([]);
  });

  it('ends `logs --follow`, and not the session it read from', async () => {
    const dir = silent('9000001');
    const line =
      "$SLUICE up --plain > out & until grep -q 'all ready' out; do sleep 0.1; done; $SLUICE logs --follow | head -1; $SLUICE status; $SLUICE stop; wait";
    const { stdout } = await shell(dir, line);
    expect(stdout).toMatch(/up\n.*RESOURCE.*\nweb .* live/s);
  });
});

describe('an output that takes nothing', () => {
  it.each(['schema', '--help', 'plan', 'up --once --plain', 'up --json', 'ci'])(
    'ends `%s` with 1, in words',
    async (command) => {
      const dir = tempProject({ 'sluice.yaml': 'local: {a: {cmd: "true"}}\n' });
      const { stdout, stderr } = await shell(dir, `$SLUICE ${command} > /dev/full; echo $?`);
      expect(stdout.trim()).toBe('1');
      expect(stderr).toMatch(/^sluice: the output cannot be written: ENOSPC.*\n {2}hint: make room on that disk\n$/);
    },
  );
});

describe('a name, an option or a value that is none', () => {
  const files = { 'sluice.yaml': 'local: {web: {cmd: "echo ran > ran"}, api: {cmd: "true"}}\n' };
  it.each([
    ['ci wev', 'no resource wev', 'did you mean web?'],
    ['ci web wev --json', 'no resource wev', 'did you mean web?'],
    ['up --once --plain wev', 'no resource wev', 'did you mean web?'],
    ['up --plain toString', 'no resource toString', 'there are: web, api'],
    ['plan wev', 'no resource wev', 'did you mean web?'],
    ['down wev', 'no resource wev', 'did you mean web?'],
    ['ci --retrys 3', 'ci: unknown option --retrys', 'did you mean --retries?'],
    ['up --recrd=x', 'up: unknown option --recrd=x', 'did you mean --record?'],
    [
      'ci --update-mode contaner',
      '--update-mode contaner: did you mean container?',
      'sluice ci --help lists its options',
    ],
  ])('`%s` is refused with 2 and the nearest one, and nothing runs', async (command, what, hint) => {
    const dir = tempProject(files);
    const { stdout, stderr } = await shell(dir, `$SLUICE ${command}; echo $?`);
    const lines = stdout.trim().split('\n');
    expect(lines.at(-1)).toBe('2');
    expect(existsSync(join(dir, 'ran'))).toBe(false);
    if (command.includes('--json'))
      expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({
        type: 'verdict',
        exitCode: 2,
        problems: [{ what, hint }],
      });
    else expect(stderr).toBe(`sluice: ${what}\n  hint: ${hint}\n`);
  });
});

describe('clients of the socket', () => {
  it('are told each bound, and whoever keeps within them is served', async () => {
    const dir = tempProject({ 'sluice.yaml': 'local: {web: {serve: "exec sleep 1000", ready: {log: never}}}\n' });
    const env = environment({ XDG_RUNTIME_DIR: runtimeDir() });
    const child = spawn(process.execPath, [program, 'up', '--json', '--no-logs'], {
      cwd: dir,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGINT'));
    const first = await new Promise<string>((resolve) => child.stdout.once('data', (text) => resolve(String(text))));
    child.stdout.resume();
    const { socket: path } = JSON.parse(first.split('\n')[0] ?? '');
    const open = (): net.Socket => net.connect(path).on('error', () => {});
    const answersOf = (socket: net.Socket): { id: unknown; ok: boolean; problem?: { code: string } }[] => {
      const answers: { id: unknown; ok: boolean }[] = [];
      createInterface({ input: socket }).on('line', (line) => answers.push(JSON.parse(line)));
      return answers;
    };

    const flooding = open();
    const refused = answersOf(flooding);
    for (let id = 0; id < 30_000; id++) flooding.write(`{"id":${id},"do":"wait","timeoutMs":100000}\n`);
    await eventually(() => (refused.length >= 29_000 ? true : null), 'the flood is answered');
    expect(refused.every(({ ok, problem }) => !ok && problem?.code === 'S651')).toBe(true);

    const long = open();
    const told = answersOf(long);
    long.write(`{"id":1,"do":"${'x'.repeat(100_000)}"}\n{"id":2,"do":"status"}\n`);
    await eventually(() => (told.length === 2 ? true : null), 'a request after one that is too long is answered');
    expect(told).toMatchObject([
      { id: null, problem: { code: 'S650' } },
      { id: 2, ok: true },
    ]);

    const held = Array.from({ length: 100 }, open);
    await Promise.all(held.slice(0, 60).map((socket) => once(socket, 'connect')));
    for (const command of ['status', 'trigger web', 'wait web', 'logs']) {
      const { stdout, stderr } = await shell(dir, `$SLUICE ${command}; echo $?`, {
        XDG_RUNTIME_DIR: env.XDG_RUNTIME_DIR ?? '',
      });
      expect(stdout.trim()).toBe('6');
      expect(stderr).toMatch(/^sluice: 64 clients are connected already\n {2}hint: .*\n$/);
    }
    for (const socket of [...held, flooding, long]) socket.destroy();
    await eventually(
      async () =>
        (await shell(dir, '$SLUICE status', { XDG_RUNTIME_DIR: env.XDG_RUNTIME_DIR ?? '' })).code === 0 ? true : null,
      'served again',
    );
  });
});

describe('a link planted where sluice makes a place of its own', () => {
  it('stops every session, named, and nothing is written where it leads', async () => {
    const dir = tempProject({ 'sluice.yaml': 'local: {a: {cmd: "true"}}\n' });
    const outside = tempProject();
    symlinkSync(outside, join(dir, '.sluice'));
    const planted = runtimeDir();
    symlinkSync(outside, join(planted, 'sluice'));
    const { stdout, stderr } = await shell(
      dir,
      'for c in "up --once --plain" ci down; do $SLUICE $c; echo $?; done; rm .sluice; export XDG_RUNTIME_DIR=$PLANTED; for c in "up --plain" status; do $SLUICE $c; echo $?; done',
      { PLANTED: planted },
    );
    expect(stdout.match(/^\d+$/gm)).toEqual(['2', '2', '2', '2', '2']);
    expect(stderr.match(/^sluice: .* is a link: .*$/gm)).toHaveLength(5);
    expect(readdirSync(outside)).toEqual([]);
  });
});
