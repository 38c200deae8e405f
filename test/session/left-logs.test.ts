// Log files of a session that was killed go with the next one; nobody else's do, and nothing behind a link.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeLeftLogs } from '../../src/session/left-logs.ts';
import { tempProject } from '../support/temp.ts';

const ended = (): number => spawnSync('true').pid;
const file = (pid: number): string => `.sluice/logs/${pid}-0123abcd-0.0`;

it('what a dead process has written goes, what another one still writes stays, and so does what is not ours', () => {
  const dead = ended();
  const dir = tempProject({
    [file(dead)]: 'old',
    [file(process.ppid)]: 'of another session',
    [file(process.pid)]: 'ours',
    [`.sluice/logs/${dead}-notes.txt`]: 'somebody put it here',
  });
  removeLeftLogs(dir);
  const kept = [`${dead}-notes.txt`, `${process.pid}-0123abcd-0.0`, `${process.ppid}-0123abcd-0.0`];
  expect(readdirSync(join(dir, '.sluice/logs')).sort()).toEqual(kept.sort());
});

it('nothing is looked for behind a link', () => {
  const name = file(ended());
  const [dir, elsewhere] = [tempProject({ [name]: 'old' }), tempProject()];
  renameSync(join(dir, '.sluice'), join(elsewhere, 'kept'));
  symlinkSync(join(elsewhere, 'kept'), join(dir, '.sluice'));
  removeLeftLogs(dir);
  expect(readdirSync(join(elsewhere, 'kept/logs'))).toHaveLength(1);
});

it('a project without any is none to worry about', () => {
  const dir = tempProject();
  removeLeftLogs(dir);
  mkdirSync(join(dir, '.sluice'));
  removeLeftLogs(dir);
  expect(readdirSync(dir)).toEqual(['.sluice']);
});
