// The test cluster seen from outside, through kubectl and never through the code under test.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { kubeconfig } from './capability.ts';

const run = promisify(execFile);

/** Standard output of `kubectl …` against the test cluster. Rejects with its stderr where it fails. */
export async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('kubectl', ['--kubeconfig', kubeconfig, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** A namespace of this test alone, deleted with all it holds when the test ends. */
export async function namespace(story: string): Promise<string> {
  const name = `sluice-test-${story}-${randomBytes(3).toString('hex')}`;
  await kubectl('create', 'namespace', name);
  onTestFinished(async () => {
    await kubectl('delete', 'namespace', name, '--wait=false', '--ignore-not-found');
    // Pods on their way out need not be waited for politely.
    await kubectl('-n', name, 'delete', 'pods', '--all', '--grace-period=0', '--force', '--ignore-not-found').catch(
      () => '',
    );
  });
  return name;
}
