// What the cluster says is on the screen: logs, endpoints, forwards, and the plan before anything is done.
import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { kubectl } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { page } from '../../support/facts.ts';
import { sluice } from '../../support/sluice.ts';
import { writeFiles } from '../../support/temp.ts';
import { clusterProject } from './project.ts';

const counting = (until: number) => `FROM sluice-test/busybox:1
CMD ["sh", "-c", "n=0; while [ $n -lt ${until} ]; do n=$((n+1)); echo line $HOSTNAME $n; done; nc -ll -p 8080 -e true & nc -l -p 8081; exit 1"]
`;

describe.skipIf(!docker || !cluster)('what the cluster says', () => {
  it('the log of a pod is followed over restarts and new pods, no line lost or told twice', async () => {
    const { dir, namespace, args } = await clusterProject('logs');
    writeFiles(dir, { 'web/Dockerfile': counting(500) });
    const session = drive(dir, args);
    await session.idle();
    const lines = () =>
      session.logs
        .filter((line) => line.source === 'runtime' && line.text.startsWith('line '))
        .map((line) => line.text);
    await session.logged((line) => line.text.endsWith(' 500'), 'the last line of the first pod');
    expect(new Set(lines()).size).toBe(500);
    expect(lines()).toHaveLength(500);

    // The same pod, a new container: its shell ends after a connection, which would be cut short if it were an exec's.
    const pod = session.resource('web').runtime.pods[0]?.name ?? '';
    connect(8081, await kubectl('-n', namespace, 'get', 'pod', pod, '-o', 'jsonpath={.status.podIP}'))
      .on('error', () => {})
      .end();
    await session.until((state) => (state.resources.web?.runtime.restarts ?? 0) > 0, 'the container was restarted');
    await session.until(() => lines().length >= 1_000, 'the log of the second container is there');
    expect(lines()).toHaveLength(1_000);

    await session.save('web/Dockerfile', counting(501));
    await session.until(() => lines().length >= 1_501, 'the log of the new pod is there');
    expect(lines().filter((line) => line.endsWith(' 501'))).toHaveLength(1);
    await session.stop();
  });

  it('a node port becomes an endpoint', async () => {
    const { dir, args } = await clusterProject('nodeport');
    const service = (port: string) => `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{port: 8080${port}}]
`;
    const port = randomInt(30_500, 32_500);
    writeFiles(dir, { 'k8s/service.yaml': service(`, nodePort: ${port}`) });
    const session = drive(dir, args);
    const state = await session.until(
      (now) => now.resources.web?.endpoints.some((url) => url.includes(`:${port}`)) === true && now.idle,
      'the node port is among the endpoints',
    );
    expect(Object.keys(state.resources)).toEqual(['web']);
    await session.stop();
  });

  it('a forward without a container port gets the one that the pod declares', async () => {
    const { dir, port, url, config, args } = await clusterProject('populate');
    writeFiles(dir, { 'sluice.yaml': config().replace(`"${port}:8080"`, String(port)) });
    const session = drive(dir, args);
    await session.idle();
    expect(await page(url)).toBe('first page');
    expect(session.resource('web').forwards).toMatchObject([{ status: 'listening' }]);
    await session.stop();
  });

  it('plan shows what would be built and deployed, and touches nothing', async () => {
    const { dir, namespace, image, args } = await clusterProject('plan');
    const { code, stdout } = await sluice(dir, ['plan', ...args]);
    expect(code).toBe(0);
    expect(stdout).toContain(image);
    expect(stdout).toMatch(/web/);
    const rendered = await sluice(dir, ['plan', '--manifests', ...args]);
    expect(rendered.stdout).toContain('kind: Deployment');
    expect(await kubectl('-n', namespace, 'get', 'deployments', '-o', 'name')).toBe('');
  });

  it('a mode that this cluster cannot serve is a usage error that says why', async () => {
    const { dir, args } = await clusterProject('mode');
    const { code, stderr } = await sluice(dir, ['up', '--once', '--plain', '--update-mode', 'container', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain('container');
    expect(stderr).toMatch(/Docker/);
  });
});
