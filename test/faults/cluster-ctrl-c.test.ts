// An API server that hangs holds up no end: the first Ctrl-C ends a session within 10 s, the second at once, whatever it is at.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { cluster } from '../support/capability.ts';
import { kubectl, namespace } from '../support/cluster/cluster.ts';
import { type ClusterLink, clusterLink } from '../support/cluster/through.ts';
import { drive } from '../support/drive.ts';
import { eventually } from '../support/facts.ts';
import { environment, program, runtimeDir } from '../support/sluice.ts';
import { tempProject, writeFiles } from '../support/temp.ts';
import { row, since } from './row.ts';

const workload = (name: string, value: string): string =>
  stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'main',
              image: 'localhost/pause:1',
              imagePullPolicy: 'Never',
              command: ['sleep', '10000'],
              env: [{ name: 'V', value }],
            },
          ],
        },
      },
    },
  });

const config = 'kubernetes:\n  manifests: [k8s/*.yaml]\n  allow: [sluice-test]\n';

/** How long a process goes on that is interrupted, in ms, and its code. */
async function interrupted(child: ChildProcess): Promise<[number, unknown]> {
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  const start = performance.now();
  const [code] = await ended;
  return [performance.now() - start, code];
}

function started(dir: string, args: readonly string[], link: ClusterLink): ChildProcess {
  const env = environment({ XDG_RUNTIME_DIR: runtimeDir(), KUBECONFIG: link.kubeconfig });
  const child = spawn(process.execPath, [program, ...args], { cwd: dir, env, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

describe.skipIf(!cluster)('Ctrl-C while the API server hangs', () => {
  it('ends up, ci and down within 10 s, and at once when it is given twice', async () => {
    const space = await namespace('ctrlc');
    const args = ['-n', space];
    const link = await clusterLink();
    const dir = tempProject({ 'sluice.yaml': config, 'k8s/web.yaml': workload('web', '1') });
    const rows: string[] = [];

    // A session that is up, in mid-deploy.
    for (const signals of [['SIGINT'], ['SIGTERM'], ['SIGINT', 'SIGINT']] as const) {
      const session = drive(dir, args, { env: { KUBECONFIG: link.kubeconfig } });
      await session.idle();
      link.stall('down');
      writeFiles(dir, { 'k8s/web.yaml': workload('web', `${performance.now()}`) });
      await session.until(({ resources: { web } }) => web?.update.status === 'running', 'a deploy is under way');
      const start = performance.now();
      for (const [i, signal] of signals.entries()) {
        if (i > 0) await session.until(({ phase }) => phase === 'draining', 'the first was heard');
        process.kill(session.pid, signal);
      }
      const sent = performance.now();
      const { code } = await session.ended;
      expect(performance.now() - sent, signals.join()).toBeLessThan(signals.length > 1 ? 1_000 : 10_000);
      expect(code).toBe(130);
      rows.push(`up, ${signals.join(' ')}: ${since(start)}`);
      link.resume();
    }

    // Commands that end by themselves: before the first answer, and in the middle.
    for (const command of ['ci', 'down'] as const) {
      for (const isEarly of [true, false]) {
        if (isEarly) link.stall('down');
        const before = link.made;
        const child = started(dir, [command, ...args], link);
        await eventually(() => (link.made > before ? true : null), `${command} has asked`);
        if (!isEarly) link.stall('down');
        const [ms, code] = await interrupted(child);
        expect(ms, `${command} ${isEarly}`).toBeLessThan(10_000);
        expect(code, command).toBe(130);
        link.resume();
        rows.push(`${command}: ${(ms / 1_000).toFixed(1)} s`);
      }
    }
    expect(await kubectl(...args, 'get', 'deployments', '-o', 'name')).toMatch(/deployment.apps\/web|^$/);
    row('Ctrl-C, API server hangs', rows.join(', '));
  });
});
