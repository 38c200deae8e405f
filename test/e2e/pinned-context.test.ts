// A context pinned in sluice.yaml is the one that is used, whatever kubectl's current context is; another one is refused.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cluster, docker, kubeconfig } from '../support/capability.ts';
import { kubectl } from '../support/cluster/cluster.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';
import { clusterProject } from './cluster/project.ts';

/** The test cluster's kubeconfig, left on another context that leads nowhere. */
function leftElsewhere(): string {
  const text = readFileSync(kubeconfig, 'utf8')
    .replace('current-context: sluice-test', 'current-context: production')
    .replace('contexts: [', 'contexts: [{name: production, context: {cluster: sluice-test, user: nobody}}, ');
  return join(tempProject({ config: text }), 'config');
}

describe.skipIf(!docker || !cluster)('a pinned context', () => {
  it('is used by up, plan and down, and --context cannot lead away from it', async () => {
    const { dir, namespace, args } = await clusterProject('pinned');
    const pinned = readFileSync(join(dir, 'sluice.yaml'), 'utf8').replace(
      'allow: [sluice-test]',
      'context: sluice-test',
    );
    writeFileSync(join(dir, 'sluice.yaml'), pinned);
    const env = { KUBECONFIG: leftElsewhere() };

    expect(await sluice(dir, ['up', '--once', '--plain', ...args], { env })).toMatchObject({ code: 0 });
    expect(await kubectl('-n', namespace, 'get', 'deployments', '-o', 'name')).toContain('deployment.apps/web');
    expect((await sluice(dir, ['plan', ...args], { env })).stdout).toContain('context sluice-test');

    const refused = await sluice(dir, ['up', '--once', '--plain', '--context', 'production', ...args], { env });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/production/);

    expect(await sluice(dir, ['down', ...args], { env })).toMatchObject({ code: 0 });
    expect(await kubectl('-n', namespace, 'get', 'deployments', '-o', 'name')).toBe('');
  });
});
