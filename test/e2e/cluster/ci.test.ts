// `ci` on a cluster: what Kubernetes mends is no failure, what it does not ends it with the container's own last words.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { drive } from '../../support/drive.ts';
import { sluice } from '../../support/sluice.ts';
import { writeFiles } from '../../support/temp.ts';
import { type ClusterProject, clusterProject } from './project.ts';

const podSpec = (image: string, script: string, more = '') => `
      terminationGracePeriodSeconds: 0
      ${more}
      volumes: [{name: v, emptyDir: {}}]
      containers:
        - name: web
          image: ${image}
          command: [sh, -c, ${JSON.stringify(script)}]
          volumeMounts: [{name: v, mountPath: /v}]
`;
/** Never ready, so that nothing is called up between two crashes. */
const probe = (words: string) =>
  `          readinessProbe: {periodSeconds: 1, exec: {command: [sh, -c, ${JSON.stringify(`echo ${words}; exit 1`)}]}}\n`;
const deployment = (image: string, script: string, more = '') => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:${podSpec(image, script)}${more}`;
const job = (image: string, script: string, backoffLimit: number) => `apiVersion: batch/v1
kind: Job
metadata: {name: web}
spec:
  backoffLimit: ${backoffLimit}
  template:
    spec:${podSpec(image, script, 'restartPolicy: Never')}`;

async function project(story: string, manifest: (image: string) => string): Promise<ClusterProject> {
  const made = await clusterProject(story);
  writeFiles(made.dir, {
    'k8s/web.yaml': manifest(made.image),
    'sluice.yaml': `images:\n  ${made.image}: {context: ./web}\nkubernetes: {manifests: [k8s/*.yaml], allow: [sluice-test]}\n`,
  });
  return made;
}
const ci = ({ dir, args }: ClusterProject, ...more: readonly string[]) =>
  sluice(dir, ['ci', '--timeout', '90s', '--stable', '0s', ...more, ...args]);

describe.skipIf(!docker || !cluster)('ci on a cluster', () => {
  it('one crash at start that is mended is none; without forgiveness it is one', async () => {
    const script = 'test -f /v/up && exec sleep 1000; touch /v/up; echo not yet; exit 1';
    const mended = await project('mended', (image) => deployment(image, script));
    // Ready is not enough: it must be so after the crash.
    expect(await ci(mended, '--stable', '4s')).toMatchObject({ code: 0 });
    const strict = await project('strict', (image) => deployment(image, script));
    const { code, stderr } = await ci(strict, '--retries', '0', '--stable', '4s');
    expect([code, stderr]).toEqual([5, expect.stringContaining('not yet')]);
  });

  it('one that dies at once has its last words wherever the failure is told, before those of the cluster', async () => {
    const boom = await project('boom', (image) => deployment(image, 'echo BOOM-REASON; exit 3', probe('never')));
    const { code, stdout, stderr } = await ci(boom, '--retries', '0', '--junit', 'j.xml');
    expect(code).toBe(5);
    expect(stdout).toMatch(/exit code 3\)[^\n]*\n {2}│ BOOM-REASON\n/);
    expect(stderr).toMatch(/exit code 3\)[^\n]*\n {2}\| BOOM-REASON\n/);
    expect(readFileSync(join(boom.dir, 'j.xml'), 'utf8')).toContain('BOOM-REASON');
    const session = drive(boom.dir, boom.args);
    await session.until((now) => now.resources.web?.runtime.status === 'failed', 'web failed');
    const waited = await sluice(boom.dir, ['wait', '--timeout', '60s'], { env: session.env });
    expect([waited.code, waited.stderr]).toEqual([5, expect.stringContaining('| BOOM-REASON')]);
    await session.stop();
    const stream = await ci(boom, '--retries', '1', '--json');
    const verdict = JSON.parse(stream.stdout.trim().split('\n').at(-1) ?? '');
    expect(verdict).toMatchObject({ type: 'verdict', exitCode: 5 });
    expect(verdict.problems[0].logTail[0]).toBe('BOOM-REASON');
    expect(verdict.problems[0].logTail.slice(1).filter((line: string) => /^\[BackOff/.test(line)).length).toBeLessThan(
      2,
    );
  });

  it('one that a probe ends and Kubernetes starts again at once is that resource’s failure, in every report', async () => {
    const words = 'echo I am stuck; exit 1';
    const dies = `          livenessProbe: {periodSeconds: 1, failureThreshold: 1, exec: {command: [sh, -c, "${words}"]}}\n`;
    const stuck = await project('stuck', (image) => deployment(image, 'echo up; exec sleep 1000', dies));
    const { code, stdout, stderr } = await ci(stuck, '--retries', '0', '--stable', '30s', '--junit', 'j.xml');
    expect([code, stderr]).toEqual([5, expect.stringMatching(/ \| up\n.*Liveness probe failed: I am stuck/s)]);
    expect(stdout).toMatch(/^web +ok +(started again|Running|CrashLoopBackOff)/m);
    expect(stdout).toMatch(/^web: container web of pod /m);
    expect(readFileSync(join(stuck.dir, 'j.xml'), 'utf8')).toMatch(/name="web" time="[\d.]+">\n +<failure /);
    const stream = await ci(stuck, '--retries', '0', '--stable', '30s', '--json', '--junit', 'json.xml');
    expect([stream.code, readFileSync(join(stuck.dir, 'json.xml'), 'utf8')]).toEqual([
      5,
      expect.stringContaining('I am stuck'),
    ]);
  });

  it('words that a program left at its end are told without the Secret in them, and with its last lines', async () => {
    const script = 'echo I cannot log in; echo no entry for hunter22-and-more > /dev/termination-log; exit 1';
    const secret = '---\napiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {pw: hunter22-and-more}\n';
    const left = await project('left', (image) => `${deployment(image, script, probe('never'))}${secret}`);
    const { code, stdout, stderr } = await ci(left, '--retries', '0');
    expect([code, stderr]).toEqual([
      5,
      expect.stringMatching(/no entry for \[redacted db:pw\]\n +\| I cannot log in\n/),
    ]);
    expect(stdout + stderr).not.toContain('hunter22');
  });

  it('a time-out says what was being waited out', async () => {
    const boom = await project('late', (image) => deployment(image, 'echo BOOM-REASON; exit 3', probe('never')));
    const { code, stderr } = await ci(boom, '--retries', '9', '--timeout', '15s');
    expect(code).toBe(6);
    expect(stderr).toMatch(/not up after 15 s: web \([^)]*crashed/);
    expect(stderr).toContain('BOOM-REASON');
  });

  it('what an exec probe in a pod says is told by the time-out, and by wait', async () => {
    const slow = await project('slow', (image) => deployment(image, 'exec sleep 1000', probe('no migration yet')));
    const { code, stderr } = await ci(slow, '--timeout', '12s');
    expect([code, stderr]).toEqual([6, expect.stringMatching(/Readiness probe failed: no migration yet/)]);
    const session = drive(slow.dir, slow.args);
    await session.until(
      (now) => now.resources.web?.events.some(({ reason }) => reason === 'Unhealthy') === true,
      'its probe failed',
    );
    const waited = await sluice(slow.dir, ['wait', '--timeout', '3s'], { env: session.env });
    expect([waited.code, waited.stderr]).toEqual([6, expect.stringContaining('no migration yet')]);
    await session.stop();
  });

  it('a Job that has given up is over, and failed pods count against --retries', async () => {
    const over = await project('over', (image) => job(image, 'echo no schema; exit 1', 0));
    const { code, stdout } = await ci(over, '--retries', '9');
    expect([code, stdout]).toEqual([5, expect.stringContaining('│ no schema')]);
    const tried = await project('tried', (image) => job(image, 'echo no schema; exit 1', 6));
    expect(await ci(tried, '--retries', '0')).toMatchObject({ code: 5, stderr: expect.stringContaining('no schema') });
  });

  it('an image that is not there ends it at once, with what the registry said', async () => {
    const none = await project('none', () => deployment('localhost:5000/no/such:1', 'true'));
    writeFiles(none.dir, { 'sluice.yaml': 'kubernetes: {manifests: [k8s/*.yaml], allow: [sluice-test]}\n' });
    const { code, stderr } = await ci(none);
    expect([code, stderr]).toEqual([5, expect.stringMatching(/not found/)]);
  });
});
