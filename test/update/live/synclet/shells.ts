// Shells of this machine as far sides: what a container would run, without the container.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ExecStream } from '../../../../src/model/ports.ts';
import { type NoSession, openSession, type SyncSession } from '../../../../src/update/live/synclet/shell.ts';

export const shells: Readonly<Record<string, readonly string[]>> = {
  dash: ['/usr/bin/dash'],
  bash: ['/bin/bash', '--posix'],
  busybox: ['/usr/bin/busybox', 'sh'],
};

export interface Opened {
  readonly is: 'open';
  readonly session: SyncSession;
  readonly child: ChildProcessWithoutNullStreams;
}

/** A session with a shell of this machine; it and the shell end with the test. `env` may narrow PATH. */
export async function openShell(shell: string, dir: string, env: NodeJS.ProcessEnv = process.env): Promise<Opened> {
  const opened = await tryShell(shell, dir, env);
  if (opened.is !== 'open') throw new Error(opened.because);
  return opened;
}

/** The same where there may be none. */
export async function tryShell(shell: string, dir: string, env: NodeJS.ProcessEnv): Promise<Opened | NoSession> {
  let child: ChildProcessWithoutNullStreams | null = null;
  // Without SHLVL bash takes a socket on stdin for rsh and reads .bashrc; in a container stdin is a pipe.
  const opened = await openSession(async ([, ...args]) => {
    const [file, ...first] = shells[shell]!;
    child = spawn(file!, [...first, ...args], { cwd: dir, env: { SHLVL: '1', ...env } });
    onTestFinished(() => void child!.kill('SIGKILL'));
    return streamOf(child);
  });
  if (opened.is !== 'open') return opened;
  onTestFinished(() => opened.close());
  return { is: 'open', session: opened, child: child! };
}

function streamOf(child: ChildProcessWithoutNullStreams): ExecStream {
  const exit = new Promise<{ code: number }>((resolve, reject) => {
    child.on('close', (code) => (code === null ? reject(new Error('killed')) : resolve({ code })));
    child.on('error', reject);
  });
  exit.catch(() => {});
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exit,
    drop: () => {
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

/** A directory to use as PATH that has busybox applets of these names only. */
export function pathOf(...applets: readonly string[]): string {
  const dir = mkdtempSync('/tmp/sluice-test-path-');
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(dir, { recursive: true });
  for (const name of applets) symlinkSync('/usr/bin/busybox', join(dir, name));
  return dir;
}
