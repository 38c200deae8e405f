// The example `shop` as a user would run it, on the test cluster: workloads, a Job, a database, live updates with a restart.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cluster, docker } from '../support/capability.ts';
import { kubectl, namespace } from '../support/cluster/cluster.ts';
import { nodeImage, removeImagesOf } from '../support/docker/images.ts';
import { drive } from '../support/drive.ts';
import { freePort, page, serves } from '../support/facts.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

const example = fileURLToPath(new URL('../../examples/shop', import.meta.url));

async function shop() {
  const dir = tempProject();
  cpSync(example, dir, { recursive: true });
  const [web, db, api] = [await freePort(), await freePort(), await freePort()];
  const config = readFileSync(join(dir, 'sluice.yaml'), 'utf8')
    .replace('kubernetes:\n', 'kubernetes:\n  allow: [sluice-test]\n')
    .replaceAll('7500', String(web))
    .replaceAll('7501', String(db))
    .replaceAll('7502', String(api));
  writeFileSync(join(dir, 'sluice.yaml'), config);
  return { dir, url: `http://127.0.0.1:${web}/`, api: `http://127.0.0.1:${api}`, env: { BASE: await nodeImage() } };
}

describe.skipIf(!docker || !cluster)('the shop', () => {
  it('comes up in order, takes edits in place, sells, and goes down without a trace', {
    timeout: 600_000,
  }, async () => {
    const { dir, url, api, env } = await shop();
    for (const image of ['web', 'api', 'worker', 'db']) onTestFinished(() => removeImagesOf(`shop/${image}`));
    const name = await namespace('shop');
    const session = drive(dir, ['-n', name], { env });
    const up = await session.idle(300_000);
    for (const each of ['db', 'api', 'web', 'worker']) expect(up.resources[each]?.runtime.status, each).toBe('ready');
    expect(up.resources.migrate?.runtime.status).toBe('done');
    expect(await page(url)).toContain('Green tea, 7 EUR');

    const pod = session.resource('web').runtime.pods[0]?.name;
    const source = readFileSync(join(dir, 'web/src/page.js'), 'utf8');
    await session.save('web/src/page.js', source.replace('The tea shop', 'The better tea shop'));
    await serves(url, '<h1>The better tea shop</h1>');
    expect(session.resource('web').runtime.pods.map((each) => each.name)).toEqual([pod]);

    await fetch(`${url}buy/tea`, { method: 'POST', redirect: 'manual' });
    await session.logged(
      (line) => line.resource === 'worker' && line.text.includes('1 orders sent'),
      'the worker sent the order',
    );
    expect(await page(`${api}/orders`)).toContain('"state":"sent"');

    const config = readFileSync(join(dir, 'k8s/config.yaml'), 'utf8').replace('EUR', 'CHF');
    writeFileSync(join(dir, 'k8s/config.yaml'), config);
    await session.until((state) => state.config.ok && state.idle, 'the ConfigMap is applied');
    await session.stop();

    expect(await sluice(dir, ['down', '-n', name], { env })).toMatchObject({ code: 0 });
    const left = await kubectl('-n', name, 'get', 'deployments,statefulsets,jobs,services,configmaps', '-o', 'name');
    expect(left.trim()).toBe('configmap/kube-root-ca.crt');
  });
});
