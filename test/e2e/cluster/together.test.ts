// Two workloads put into one resource: both count, and both are reached in place.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { kubectl } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { writeFiles } from '../../support/temp.ts';
import { clusterProject, workload } from './project.ts';

describe.skipIf(!docker || !cluster)('two workloads in one resource', () => {
  it('are ready together, and a save reaches the pods of both', async () => {
    const { dir, namespace, image, args } = await clusterProject('together', {
      image: '    live:\n      - sync: {from: ./web/www, to: /www}',
      web: '    objects: [deployment/admin]',
    });
    writeFiles(dir, { 'k8s/admin.yaml': workload('admin', image) });
    const session = drive(dir, args);
    const up = await session.idle();
    expect(Object.keys(up.resources)).toEqual(['web']);
    expect(up.resources.web?.runtime).toMatchObject({ status: 'ready', text: '2/2 ready' });
    const saved = await session.save(join('web', 'www', 'index.html'), 'second page');
    expect(saved.resources.web?.update).toMatchObject({ status: 'ok', strategy: 'synclet' });
    for (const name of ['web', 'admin'])
      expect(await kubectl('-n', namespace, 'exec', `deployment/${name}`, '--', 'cat', '/www/index.html')).toBe(
        'second page',
      );
    await session.stop();
  });
});
