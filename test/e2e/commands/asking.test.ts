// The commands that act on a running session through its socket.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cluster } from '../../support/capability.ts';
import { drive } from '../../support/drive.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { clusterProject } from '../cluster/project.ts';

const config = `local:
  gen: {cmd: cp in.txt out.txt && echo copied, deps: [in.txt]}
  server: {serve: echo serving; exec sleep 1000}
`;

it('status, logs, trigger, wait --fresh and stop act on the session of this directory', async () => {
  const dir = tempProject({ 'sluice.yaml': config, 'in.txt': '1' });
  const session = drive(dir);
  await session.idle();
  const ask = (...args: string[]) => sluice(dir, args, { env: session.env });

  const status = await ask('status');
  expect(status).toMatchObject({ code: 0 });
  expect(status.stdout).toMatch(/gen/);
  expect(status.stdout).toMatch(/server/);

  expect((await ask('logs', 'gen')).stdout).toContain('copied');
  const inContainer = await ask('logs', 'gen', '--container', 'app');
  expect([inContainer.code, inContainer.stderr]).toEqual([2, expect.stringContaining('container app does not exist')]);
  for (const command of ['exec', 'run']) {
    const inService = await ask(command, 'server', 'true');
    expect([inService.code, inService.stderr]).toEqual([
      2,
      'sluice: server is no service of Compose\n  hint: it runs on this machine, in no container\n',
    ]);
  }

  writeFileSync(join(dir, 'in.txt'), '2');
  expect(await ask('wait', '--fresh', '--timeout', '60s')).toMatchObject({ code: 0 });
  expect(readFileSync(join(dir, 'out.txt'), 'utf8')).toBe('2');

  const runs = session.resource('gen').history.length;
  expect(await ask('trigger', 'gen')).toMatchObject({ code: 0 });
  await session.until((state) => (state.resources.gen?.history.length ?? 0) > runs && state.idle, 'gen ran again');

  expect(await ask('disable', 'server')).toMatchObject({ code: 0 });
  await session.until((state) => state.resources.server?.enabled === false && state.idle, 'server is disabled');
  expect(session.resource('server').runtime.pid).toBeUndefined();

  expect(await ask('trigger', 'no-such-resource')).toMatchObject({ code: 2 });
  expect(await ask('stop')).toMatchObject({ code: 0 });
  expect((await session.ended).code).toBe(0);
});

it.skipIf(!cluster)(
  'logs --previous has what a container said before it was started again, and no secret',
  async () => {
    const { dir, image, args } = await clusterProject('previous');
    const pod = (name: string, script: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 0
  volumes: [{name: v, emptyDir: {}}]
  containers:
    - {name: c, image: ${image}, command: [sh, -c, ${JSON.stringify(script)}], volumeMounts: [{name: v, mountPath: /v}]}
`;
    const once =
      'test -f /v/up && { echo second; exec sleep 1000; }; touch /v/up; echo first s3cret-t0ken; echo error: why; exit 1';
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {token: s3cret-t0ken}\n';
    writeFiles(dir, {
      'k8s/web.yaml': [secret, pod('web', once), pod('calm', 'echo calm; exec sleep 1000')].join('---\n'),
      'sluice.yaml': `images: {"${image}": {context: ./web}}\nkubernetes: {manifests: [k8s/*.yaml], allow: [sluice-test]}\n`,
    });
    const session = drive(dir, args);
    await session.until(
      ({ resources }) => resources.web?.runtime.restarts === 1 && resources.calm?.runtime.status === 'ready',
      'web was started again',
    );
    const logs = (...args: string[]) => sluice(dir, ['logs', ...args], { env: session.env });
    expect((await logs('--previous')).stdout).toBe('web │ first [redacted keys:token]\nweb │ error: why\n');
    expect((await logs('-p', 'web', '--level', 'error')).stdout).toBe('web │ error: why\n');
    const [none, both] = [await logs('--previous', 'calm'), await logs('-p', '-f')];
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('no container of calm has been started again'),
    ]);
    expect(both.code).toBe(2);
    await session.stop();
  },
);

it('a session whose configuration was moved away is asked and ended where it was', async () => {
  const dir = tempProject({
    'sluice.yaml': config,
    'inner/sluice.yaml': config,
    'inner/in.txt': '1',
    'inner/sub/f': '',
  });
  const inner = join(dir, 'inner');
  const session = drive(inner);
  await session.idle();
  renameSync(join(inner, 'sluice.yaml'), join(inner, 'elsewhere.yaml'));
  await session.until((state) => !state.config.ok && state.idle, 'it is said to be gone');
  const ask = (from: string, ...args: string[]) => sluice(from, args, { env: session.env });

  expect((await ask(join(inner, 'sub'), 'status')).stdout).toMatch(/sluice.yaml does not exist/);
  expect(await ask(inner, 'wait', '--fresh')).toMatchObject({ code: 2 });
  expect((await ask(dir, 'logs', '--file', 'inner/sluice.yaml', 'gen')).code).toBe(0);
  expect((await ask(dir, 'status')).stderr).toContain(`no session is running for ${join(dir, 'sluice.yaml')}`);
  expect(await ask(inner, 'stop')).toMatchObject({ code: 0 });
  expect((await session.ended).code).toBe(0);
});

it('without a session they say so', async () => {
  const dir = tempProject({ 'sluice.yaml': config, 'in.txt': '1' });
  const { code, stderr } = await sluice(dir, ['status']);
  expect(code).not.toBe(0);
  expect(stderr).toContain('sluice up');
});
