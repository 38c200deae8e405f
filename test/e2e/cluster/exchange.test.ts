// A save of what only the last COPYs of a Dockerfile bring in goes live without a builder; one that a RUN reads is built.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shows } from '../../bench/shows.ts';
import { cluster, docker, dockerHost } from '../../support/capability.ts';
import { drive } from '../../support/drive.ts';
import { link } from '../../support/servers/link.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { clusterProject } from './project.ts';

const recipe = `FROM sluice-test/busybox:1
COPY settings /settings
RUN cp /settings /www-settings
COPY www /www
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
`;

describe.skipIf(!docker || !cluster)('files exchanged in the last image', () => {
  it('go live, are known to the next session, and leave to the builder what a RUN has read', async () => {
    const { dir, url, args, image } = await clusterProject('exchange');
    writeFiles(dir, { 'web/Dockerfile': recipe, 'web/settings': 'one' });
    const session = drive(dir, args);
    await session.idle();
    await shows(url, 'first page');
    const save = async (path: string, text: string) => {
      const { seen } = session.state.changes;
      writeFileSync(join(dir, 'web', path), text);
      await session.until(({ changes }) => changes.live > seen, `${path} is live`);
      return session.state.resources.web!.update;
    };
    const exchanged = await save('www/index.html', 'second page');
    expect(exchanged).toMatchObject({ status: 'ok', strategy: 'files exchanged in the last image' });
    await shows(url, 'second page');
    await session.logged(({ text }) => text.startsWith(`${image}: 1 file exchanged, pushed `), 'what was done is told');
    const built = await save('settings', 'two');
    expect(built).toMatchObject({ status: 'ok', strategy: 'full build' });
    await session.logged(
      ({ text }) =>
        text === 'full build: settings is read by COPY at line 2 of its Dockerfile, which is none of its last COPYs',
      'why is told',
    );
    await save('www/index.html', 'third page');
    await shows(url, 'third page');
    expect(session.state.resources.web!.update.strategy).toBe('files exchanged in the last image');
    await session.stop();
    const plan = await sluice(dir, ['plan', ...args]);
    expect(plan.stdout).toContain('keep');
    const again = await sluice(dir, ['up', '--once', '--plain', ...args]);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/unchanged, \S+@sha256:[0-9a-f]{64} is used again/);
  });

  it('go live with Docker gone, and what needs a build then waits for it', async () => {
    const { dir, url, args } = await clusterProject('exchange-gone');
    writeFiles(dir, { 'web/Dockerfile': recipe, 'web/settings': 'one' });
    const path = join(tempProject(), 'docker.sock');
    const way = await link({ to: { path: new URL(dockerHost).pathname }, path });
    const session = drive(dir, args, { env: { DOCKER_HOST: `unix://${path}` } });
    await session.idle();
    way.refuse();
    await session.until(({ docker: { ok } }) => !ok, 'Docker is known to be gone');
    const { seen } = session.state.changes;
    writeFileSync(join(dir, 'web/www/index.html'), 'second page');
    await session.until(({ changes }) => changes.live > seen, 'the save is live');
    await shows(url, 'second page');
    writeFileSync(join(dir, 'web/settings'), 'two');
    await session.until(({ resources }) => resources.web?.update.hold?.reason === 'docker', 'the build waits');
    expect(session.state.changes.live).toBe(seen + 1);
    way.accept();
    await session.until(({ changes }) => changes.live > seen + 1, 'the build is live');
    await session.stop();
  });
});
