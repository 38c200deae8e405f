// Each example answers one question, and its README says what to try: tried here as it is written there.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cluster, docker } from '../support/capability.ts';
import { namespace } from '../support/cluster/cluster.ts';
import { busyboxImage, removeImagesOf } from '../support/docker/images.ts';
import { drive, type Session } from '../support/drive.ts';
import { freePort, serves } from '../support/facts.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

function example(name: string): string {
  const dir = tempProject();
  cpSync(join(import.meta.dirname, '../../examples', name), dir, { recursive: true });
  return dir;
}

function edit(dir: string, path: string, change: (text: string) => string): string {
  const text = change(readFileSync(join(dir, path), 'utf8'));
  writeFileSync(join(dir, path), text);
  return text;
}

const runsOf = (session: Session, resource: string): number => session.resource(resource).changes.live;

describe('examples of local resources', () => {
  it('ready: four ways of being up, and who needs them waits', async () => {
    const dir = example('ready');
    const env = { API_PORT: String(await freePort()), CACHE_PORT: String(await freePort()) };
    const session = drive(dir, [], { env });
    const up = await session.idle();
    for (const name of ['api', 'cache', 'worker', 'index'])
      expect(up.resources[name]?.runtime.status, name).toBe('ready');
    await session.logged(({ resource, text }) => resource === 'smoke' && text === 'the api says ok', 'the smoke test');
    await session.save('server.js', 'process.exit(1);\n');
    const waited = await sluice(dir, ['wait'], { env: session.env });
    expect(waited.code).toBe(5);
    expect(waited.stderr).toContain('api');
    await session.stop();
  });

  it('on-demand: what is manual collects its changes until it is asked for', async () => {
    const dir = example('on-demand');
    const session = drive(dir);
    const up = await session.idle();
    expect(up.resources.reset?.update.status).toBe('none');
    const before = runsOf(session, 'lint');
    const saved = await session.save('src/index.js', 'export const answer = 43;\n');
    expect(saved.resources.types?.pending).toEqual([]);
    expect(saved.resources.lint?.pending.length).toBe(1);
    await session.logged(({ resource, text }) => resource === 'types' && text.includes('43'), 'types ran');
    expect((await sluice(dir, ['trigger', 'lint'], { env: session.env })).code).toBe(0);
    await session.logged(({ resource, text }) => resource === 'lint' && text.includes('43'), 'lint ran');
    await session.idle();
    expect(runsOf(session, 'lint')).toBeGreaterThan(before);
    await session.stop();
  });

  it('tests-on-save: a broken save fails the tests, and what they need runs them again', async () => {
    const dir = example('tests-on-save');
    const session = drive(dir);
    await session.idle();
    const good = readFileSync(join(dir, 'src/shout.js'), 'utf8');
    const broken = await session.save('src/shout.js', good.replace('toUpperCase', 'toLowerCase'));
    expect(broken.resources.test?.update.status).toBe('failed');
    expect(broken.resources.test?.update.problem?.logTail?.[0]).toBe('not ok 1 - shouts');
    const mended = await session.save('src/shout.js', good);
    expect(mended.resources.test?.update.status).toBe('ok');
    const { run } = mended.resources.test!.update;
    const again = await session.save('messages.txt', 'good morning\n');
    expect(again.resources.test?.update.status).toBe('ok');
    expect(again.resources.test?.update.run).not.toBe(run);
    await session.stop();
    expect((await sluice(dir, ['ci'])).code).toBe(0);
  });
});

describe.skipIf(!docker || !cluster)('examples on a cluster', () => {
  async function onCluster(name: string, image: string, more: Readonly<Record<string, string>> = {}) {
    const dir = example(name);
    edit(dir, 'sluice.yaml', (text) => text.replace('kubernetes:\n', 'kubernetes:\n  allow: [sluice-test]\n'));
    onTestFinished(() => removeImagesOf(image));
    const args = ['-n', await namespace(name)];
    const env = { BASE: await busyboxImage(), PORT: String(await freePort()), ...more };
    const session = drive(dir, args, { env });
    await session.idle(180_000);
    return { dir, args, env, session, url: `http://127.0.0.1:${env.PORT}/` };
  }
  const podsOf = (session: Session, resource: string) =>
    session.resource(resource).runtime.pods.map(({ name }) => name);

  it('live-update: each rule does what the table says', async () => {
    const { dir, args, env, session, url } = await onCluster('live-update', 'live/site');
    await serves(url, 'First');
    const pods = podsOf(session, 'site');
    await session.save('site/index.html', '<h1>Second</h1>');
    await serves(url, 'Second');
    await session.save('site/parts/1.txt', 'three\n');
    await serves(`${url}all.html`, 'three\ntwo');
    expect(podsOf(session, 'site')).toEqual(pods);
    const explained = await sluice(dir, ['explain', 'httpd.conf']);
    expect(explained.stdout).toContain('fallback');
    await session.save('httpd.conf', '.html:text/html\n.txt:text/plain\n');
    await serves(url, 'Second');
    expect(podsOf(session, 'site')).not.toEqual(pods);
    await session.stop();
    expect((await sluice(dir, ['down', ...args], { env })).code).toBe(0);
  });

  it('kustomize: an edit of a patch applies the workload again', async () => {
    const { dir, args, env, session, url } = await onCluster('kustomize', 'kustomized/app');
    await serves(url, 'Kustomized');
    expect(podsOf(session, 'app').length).toBe(2);
    edit(dir, 'overlays/dev/kustomization.yaml', (text) => text.replace('value: 2', 'value: 1'));
    await session.until((state) => state.idle && podsOf(session, 'app').length === 1, 'one replica is left');
    await session.stop();
    expect((await sluice(dir, ['down', ...args], { env })).code).toBe(0);
  });

  it('mixed: a service of Compose, a pod and a local server are one graph, and a save is live in each', async () => {
    const ports = { API_PORT: String(await freePort()), DATABASE_PORT: String(await freePort()) };
    const project = `mixed-${ports.API_PORT}`;
    onTestFinished(() => removeImagesOf(`${project}-database`));
    const more = { ...ports, COMPOSE_PROJECT_NAME: project };
    const { dir, args, env, session, url } = await onCluster('mixed', 'mixed/api', more);
    await serves(url, 'The shop: tea 7 EUR');
    const started = (name: string) =>
      session.resource(name).runtime.pods.map(({ name, createdAt }) => `${name} ${createdAt}`);
    const before = [started('database'), started('api')];
    await session.save('database/data/prices', 'tea 8\n');
    await serves(url, 'tea 8 EUR');
    await session.save('api/www/currency', 'CHF\n');
    await serves(url, 'tea 8 CHF');
    edit(dir, 'front/server.js', (text) => text.replace('The shop', 'The better shop'));
    await serves(url, 'The better shop: tea 8 CHF');
    expect([started('database'), started('api')]).toEqual(before);
    await session.stop();
    expect((await sluice(dir, ['down', '--volumes', ...args], { env })).code).toBe(0);
    const label = `label=com.docker.compose.project=${project}`;
    expect(execFileSync('docker', ['ps', '-aq', '--filter', label], { encoding: 'utf8' })).toBe('');
  });

  it('own-builder: the command makes the image, and its failure is one of a build', async () => {
    const { dir, args, env, session, url } = await onCluster('own-builder', 'built/page');
    await serves(url, 'Built');
    await session.save('src/index.html', '<h1>Rebuilt</h1>');
    await serves(url, 'Rebuilt');
    const broken = await session.save('build.sh', '#!/bin/sh\necho no more\nexit 1\n');
    expect(broken.resources.page?.update.status).toBe('failed');
    expect(broken.resources.page?.runtime.status).toBe('ready');
    await session.stop();
    expect((await sluice(dir, ['down', ...args], { env })).code).toBe(0);
  });
});
