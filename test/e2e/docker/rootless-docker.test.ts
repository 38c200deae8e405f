// Services on a Docker that runs without root: built, reached by the port that they publish, updated in place, removed.
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hasRootless, openProject, rootlessDocker } from '../../support/docker/rootless.ts';
import { drive } from '../../support/drive.ts';
import { sluice } from '../../support/sluice.ts';

it.skipIf(!hasRootless)('services on a rootless Docker are built, reached, updated in place and removed', async () => {
  const DOCKER_HOST = await rootlessDocker();
  const dir = openProject({
    'compose.yaml': [
      'services:',
      '  web:',
      '    build: .',
      '    ports: ["8080"]',
      '    volumes: ["./data:/data", "kept:/kept"]',
      '    stop_grace_period: 0s',
      '    develop: {watch: [{path: www, action: sync, target: /www}]}',
      'volumes: {kept: }',
    ].join('\n'),
    Dockerfile: [
      'FROM scratch',
      'COPY busybox /bin/busybox',
      'COPY busybox /bin/sh',
      'COPY www /www',
      'CMD ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]',
    ].join('\n'),
    'www/page': 'first',
    'data/here': '',
  });
  copyFileSync('/bin/busybox', join(dir, 'busybox'));
  const env = { DOCKER_HOST, KUBECONFIG: '/nowhere/kubeconfig' };
  const session = drive(dir, [], { env });
  await session.idle();
  expect(session.resource('web')).toMatchObject({ update: { status: 'ok' }, runtime: { status: 'ready' } });
  const [url = ''] = session.resource('web').endpoints;
  const page = async () => (await fetch(`${url}/page`)).text();
  expect(await page()).toBe('first');
  await session.save('www/page', 'second');
  expect(await page()).toBe('second');
  await session.stop();
  expect(await sluice(dir, ['down', '--volumes'], { env })).toMatchObject({ code: 0 });
  for (const left of [
    ['ps', '-aq'],
    ['volume', 'ls', '-q'],
    ['network', 'ls', '-q', '--filter', 'type=custom'],
  ])
    expect(execFileSync('docker', left, { encoding: 'utf8', env: { ...process.env, DOCKER_HOST } })).toBe('');
});
