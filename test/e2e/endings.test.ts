// However a session ends, it ends in order: told, with its code, and with nothing left behind.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processesWith } from '../support/facts.ts';
import { environment, program, runtimeDir } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

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
      `$SLUICE ${command} | grep -m1 '"idle":true\\|all ready'; echo "\${PIPESTATUS[0]}"`,
    );
    expect(stdout.trim().split('\n').at(-1)).toBe('141');
    expect(processesWith(`sleep ${mark}`)).toEqual([]);
  });

  it('ends `logs --follow`, and not the session it read from', async () => {
    const dir = silent('9000001');
    const line =
      "$SLUICE up --plain > out & until grep -q 'all ready' out; do sleep 0.1; done; $SLUICE logs --follow | head -1; $SLUICE status; $SLUICE stop; wait";
    const { stdout } = await shell(dir, line);
    expect(stdout).toMatch(/up\n.*RESOURCE.*\nweb .* ready .*/s);
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
