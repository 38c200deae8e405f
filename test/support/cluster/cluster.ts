// The test cluster seen from outside, through kubectl and never through the code under test.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { eventually } from '../facts.ts';
import { call, kubeconfig } from './api-server.ts';

const run = promisify(execFile);

/** Standard output of `kubectl …` against the test cluster. Rejects with its stderr where it fails. */
export async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('kubectl', ['--kubeconfig', kubeconfig, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Tells what one run of the suites made from what another one did that goes on beside it. */
export const labelsOfRun = { 'sluice-test-run': process.env.SLUICE_TEST_RUN ?? 'by-itself' };

/** A namespace of this test alone, deleted with all it holds when the test ends. */
export async function namespace(story: string): Promise<string> {
  const name = `sluice-test-${story}-${randomBytes(3).toString('hex')}`;
  const path = `/api/v1/namespaces/${name}`;
  const metadata = { name, labels: labelsOfRun };
  await call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
  onTestFinished(async () => {
    await call('DELETE', path);
    // Pods on their way out need not be waited for politely.
    await call('DELETE', `${path}/pods?gracePeriodSeconds=0`);
  });
  // Pods need the account that the cluster makes a moment after its namespace.
  const isThere = async () => ((await call('GET', `${path}/serviceaccounts/default`)) === 200 ? true : null);
  await eventually(isThere, `the service account of ${name}`);
  return name;
}
