// Runs one sluice command to its end, as a user's shell would: exit code and both streams.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { kubeconfig } from './capability.ts';

export const program = fileURLToPath(new URL('../../bin/sluice.js', import.meta.url));

/** A user's environment that shares no socket with other tests. `undefined` removes a variable. */
export function environment(over: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, CI: undefined, GITHUB_ACTIONS: undefined, NO_COLOR: '1', KUBECONFIG: kubeconfig, ...over };
}

/** A directory for sockets, removed when the test ends. */
export function runtimeDir(): string {
  let dir = '';
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  dir = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  return dir;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `dir` is the working directory. Killed when it has not ended after `deadlineMs`: `code` is null then. */
export function sluice(
  dir: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string | undefined>>; readonly deadlineMs?: number } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: dir,
      env: environment({ XDG_RUNTIME_DIR: runtimeDir(), ...options.env }),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.deadlineMs ?? 120_000,
      killSignal: 'SIGKILL',
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
