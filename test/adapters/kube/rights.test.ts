import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { connectKube } from '../../../src/adapters/kube/index.ts';
import type { KubePort } from '../../../src/model/ports.ts';
import { cluster, kubeconfig } from '../../support/capability.ts';
import { tempProject } from '../../support/temp.ts';
import { finished, never, objectsIn, type Testbed, testbed, until } from './testbed.ts';

/** A kubeconfig whose user may do everything in one namespace and nothing elsewhere. */
async function restricted(bed: Testbed): Promise<string> {
  const { kube, namespace } = bed;
  await kube.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'dev', namespace } }, never);
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
  await kube.create(
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'dev', namespace }, rules },
    never,
  );
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'dev' };
  const subjects = [{ kind: 'ServiceAccount', name: 'dev', namespace }];
  await kube.create(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'dev', namespace },
      roleRef,
      subjects,
    },
    never,
  );
  const metadata = { name: 'dev-token', namespace, annotations: { 'kubernetes.io/service-account.name': 'dev' } };
  await kube.create({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/service-account-token' }, never);
  let token = '';
  await until('the token', async () => {
    const secret = await kube.get({ apiVersion: 'v1', kind: 'Secret', name: 'dev-token', namespace }, never);
    token = Buffer.from(String((secret?.data as { token?: string } | undefined)?.token ?? ''), 'base64').toString();
    return token !== '';
  });
  const config = parse(readFileSync(kubeconfig, 'utf8'));
  config.users = [{ name: 'admin', user: { tokenFile: 'token' } }];
  const dir = tempProject({ token: `${token}\n`, config: stringify(config) });
  writeFileSync(join(dir, 'config'), stringify(config));
  return join(dir, 'config');
}

describe.skipIf(!cluster)('with rights on one namespace only', () => {
  let bed: Testbed;
  let dev: KubePort;
  beforeAll(async () => {
    bed = await testbed();
    await bed.startPod('shell', 'echo hello; sleep 1000000');
  });
  afterAll(() => bed.remove());

  it('everything works there, and what is denied elsewhere names verb, kind and namespace', async () => {
    dev = await connectKube({ kubeconfig: await restricted(bed), namespace: bed.namespace });
    onTestFinished(() => dev.close());
    const place = { namespace: bed.namespace, name: 'shell', container: 'main' };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine' }, data: { a: 'b' } };
    expect((await dev.apply(object, never)).metadata.namespace).toBe(bed.namespace);
    expect(await finished(await dev.exec(place, ['echo', 'hi'], {}, never))).toMatchObject({ code: 0, stdout: 'hi\n' });
    expect((await firstValueFrom(dev.logs(place, { since: null, follow: true }))).text).toBe('hello');
    expect(
      await firstValueFrom(dev.watch('pods', bed.namespace).pipe(filter((event) => objectsIn(event).length > 0))),
    ).toBeDefined();

    const denied = await firstValueFrom(
      dev.watch('pods', 'kube-system').pipe(filter((event) => event.is === 'health')),
    );
    expect(denied).toMatchObject({
      ok: false,
      problem: { kind: 'denied', code: 'S310', what: expect.stringMatching(/list pods in namespace kube-system/) },
    });
    await expect(dev.apply({ ...object, metadata: { name: 'x', namespace: 'default' } }, never)).rejects.toMatchObject({
      problem: { kind: 'denied', what: expect.stringMatching(/apply ConfigMap x in namespace default/) },
    });
    // Whether there is an announcement cannot be known: that is no "there is none".
    expect(await dev.registry(never)).toMatchObject({ unread: { kind: 'denied', code: 'S310' } });
  });
});
