// Containers that cannot be updated in place, and what is said and done then.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { drive } from '../../support/drive.ts';
import { page, serves } from '../../support/facts.ts';
import { writeFiles } from '../../support/temp.ts';
import { dockerfile } from '../cluster/project.ts';
import { allHold, liveProject, podsOf } from './project.ts';

describe.skipIf(!docker || !cluster)('a save for a container', () => {
  it('with a read-only root makes a new image, and says so', async () => {
    const spec = '          securityContext: {readOnlyRootFilesystem: true}';
    const { dir, namespace, url, args } = await liveProject('readonly', { spec });
    const session = drive(dir, args);
    await session.idle();
    const pods = await podsOf(namespace);
    const state = await session.save('web/www/index.html', 'by image');
    expect(state.resources.web?.update.why.join('\n')).toMatch(/file system is read-only/);
    expect(await page(url)).toBe('by image');
    expect(await podsOf(namespace)).not.toEqual(pods);
    await session.stop();
  });

  it('without a shell makes a new image, also where its process was to be restarted', async () => {
    const { dir, namespace, url, args } = await liveProject('noshell', { rules: '      - restart: process' });
    copyFileSync('/bin/busybox', join(dir, 'web/serve'));
    const from = 'FROM scratch\nCOPY --chmod=755 serve /bin/httpd\nCOPY www /www\n';
    writeFiles(dir, {
      'web/Dockerfile': `${from}ENTRYPOINT ["/bin/httpd"]\nCMD ["-f", "-p", "8080", "-h", "/www"]\n`,
    });
    const session = drive(dir, args);
    await session.idle();
    await session.logged(({ text }) => /restart: process needs \/bin\/sh/.test(text), 'why there is no supervisor');
    const pods = await podsOf(namespace);
    const state = await session.save('web/www/index.html', 'by image');
    expect(state.resources.web?.update.why.join('\n')).toMatch(/no shell/);
    await serves(url, 'by image');
    expect(await podsOf(namespace)).not.toEqual(pods);
    await session.stop();
  });

  it('of an ordinary user is in place where that user may write, and a new image where not', async () => {
    const spec = '          securityContext: {runAsUser: 1000}';
    const { dir, namespace, url, args } = await liveProject('user', { spec });
    const session = drive(dir, args);
    await session.idle();
    const pods = await podsOf(namespace);
    const state = await session.save('web/www/index.html', 'not his');
    expect(state.resources.web?.update.why.join('\n')).toMatch(/belongs to 0:0/);
    expect(await page(url)).toBe('not his');
    expect(await podsOf(namespace)).not.toEqual(pods);

    await session.save('web/Dockerfile', `${dockerfile()}RUN chown -R 1000 /www\n`);
    const his = await podsOf(namespace);
    await session.save('web/www/index.html', 'his');
    expect(await page(url)).toBe('his');
    expect(await podsOf(namespace)).toEqual(his);
    await session.stop();
  });

  it('that ends with the change in it is not live, runs its old code meanwhile, and takes the mend', async () => {
    const { dir, namespace, args } = await liveProject('loop', { rules: '      - restart: process' });
    const run = 'CMD ["sh", "-c", "sh /www/start.sh; exec httpd -f -p 8080 -h /www"]\n';
    writeFiles(dir, {
      'web/www/start.sh': 'true\n',
      'web/Dockerfile': `FROM sluice-test/busybox:1\nCOPY www /www\n${run}`,
    });
    const session = drive(dir, args);
    await session.idle();
    const before = await podsOf(namespace);
    await session.save('web/www/start.sh', 'kill -9 $PPID\n');
    const broken = await session.until(
      ({ resources }) => resources.web?.runtime.problem?.code === 'S353',
      'it runs again, and is told to be without the change',
    );
    expect(broken.resources.web?.runtime.status).toBe('failed');
    expect(broken.changes).toMatchObject({ seen: 1, live: 0 });
    await allHold(namespace, 1, '/www/start.sh', 'true\n');
    const mended = await session.save('web/www/start.sh', 'echo mended\n');
    expect(mended).toMatchObject({
      changes: { seen: 2, live: 2 },
      resources: { web: { runtime: { status: 'ready' } } },
    });
    expect(await podsOf(namespace)).toEqual(before);
    await allHold(namespace, 1, '/www/start.sh', 'echo mended\n');
    await session.stop();
  });
});
