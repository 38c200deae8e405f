// Things that break on a cluster are shown with their own last words, and the next save mends them.
import { describe, expect, it } from 'vitest';
import type { PublicState } from '../../../src/model/public-state.ts';
import { cluster, docker } from '../../support/capability.ts';
import { drive } from '../../support/drive.ts';
import { page, serves } from '../../support/facts.ts';
import { writeFiles } from '../../support/temp.ts';
import { clusterProject, dockerfile } from './project.ts';

describe.skipIf(!docker || !cluster)('what breaks', () => {
  it('a build step that fails shows its output; the old pod goes on; the next save mends it', async () => {
    const { dir, url, args } = await clusterProject('build');
    const session = drive(dir, args);
    await session.idle();
    writeFiles(dir, { 'web/Dockerfile': dockerfile('RUN ["sh", "-c", "echo cannot compile this; exit 9"]') });
    const state = await session.until(
      (now) => now.resources.web?.update.status === 'failed' && now.idle,
      'the build failed',
    );
    const { update, runtime } = state.resources.web ?? {};
    expect(update?.problem).toMatchObject({ kind: 'step' });
    expect(update?.problem?.logTail?.join('\n')).toContain('cannot compile this');
    expect(runtime?.status).toBe('ready');
    expect(await page(url)).toBe('first page');
    const mended = await session.save('web/Dockerfile', dockerfile('RUN ["true"]'));
    expect(mended.resources.web?.update.status).toBe('ok');
    expect(mended.changes.live).toBe(mended.changes.seen);
    await session.stop();
  });

  it('a Dockerfile that cannot be parsed names its line', async () => {
    const { dir, args } = await clusterProject('syntax');
    writeFiles(dir, { 'web/Dockerfile': 'FROM sluice-test/busybox:1\nCOPYY www /www\n' });
    const session = drive(dir, args);
    const state = await session.until((now) => now.resources.web?.update.status === 'failed', 'the build failed');
    const { what = '', at } = state.resources.web?.update.problem ?? {};
    expect(what).toContain('COPYY');
    expect(at?.line ?? what).toEqual(at ? 2 : expect.stringMatching(/line 2|Dockerfile:2/));
    await session.stop();
  });

  it('a pod that crashes in a loop shows the log from before the crash, and is mended', async () => {
    const { dir, url, args } = await clusterProject('crash');
    const session = drive(dir, args);
    await session.idle();
    const crash = 'FROM sluice-test/busybox:1\nCMD ["sh", "-c", "echo no database; exit 3"]\n';
    writeFiles(dir, { 'web/Dockerfile': crash });
    const words = (now: PublicState) => now.resources.web?.runtime.problem?.logTail?.join('\n') ?? '';
    const state = await session.until(
      (now) => words(now).includes('no database'),
      'the last words of the pod are shown',
    );
    expect(state.resources.web?.runtime).toMatchObject({ status: 'failed' });
    expect(state.resources.web?.runtime.text).toMatch(/CrashLoopBackOff|Error/);
    writeFiles(dir, { 'web/Dockerfile': dockerfile(), 'web/www/index.html': 'mended page' });
    await serves(url, 'mended page');
    await session.until((now) => now.resources.web?.runtime.status === 'ready' && now.idle, 'web is ready again');
    await session.stop();
  });

  it('a registry that refuses is named, with what to do', async () => {
    const { dir, args } = await clusterProject('registry', { kubernetes: '  registry: localhost:1' });
    const session = drive(dir, args);
    const state = await session.until((now) => now.resources.web?.update.problem !== undefined, 'the push failed');
    expect(state.resources.web?.update.problem?.what).toContain('localhost:1');
    await session.stop();
  });

  it('files that come and go while the context is read do no harm', async () => {
    const { dir, args } = await clusterProject('vanish');
    const session = drive(dir, args);
    const { rm, writeFile } = await import('node:fs/promises');
    for (let round = 0; round < 300; round += 1) {
      const path = `${dir}/web/www/new-${round % 7}.html`;
      await writeFile(path, 'x'.repeat(20_000));
      await rm(path);
    }
    const state = await session.idle();
    expect(state.resources.web).toMatchObject({ update: { status: 'ok' }, runtime: { status: 'ready' } });
    await session.stop();
  });
});
