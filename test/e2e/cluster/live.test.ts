// Live rules on a cluster: a save reaches the running container without a build.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PublicState } from '../../../src/model/public-state.ts';
import { cluster, docker } from '../../support/capability.ts';
import { drive } from '../../support/drive.ts';
import { page } from '../../support/facts.ts';
import { sluice } from '../../support/sluice.ts';
import { clusterProject } from './project.ts';

const live = `    live:
      - fallback: [web/www/big.txt]
      - sync: {from: ./web/www, to: /www}`;

describe.skipIf(!docker || !cluster)('a save that live rules cover', () => {
  it('is served by the same pod, and one that hits a fallback rule by a new one', async () => {
    const { dir, url, args } = await clusterProject('live', { image: live });
    const session = drive(dir, args);
    const up = await session.idle();
    const pod = up.resources.web?.runtime.pods[0]?.name;
    for (const text of ['second page', 'third page', 'fourth page']) {
      const state = await session.save('web/www/index.html', text);
      expect(await page(url)).toBe(text);
      expect(state.resources.web?.runtime.pods.map(({ name }) => name)).toEqual([pod]);
      expect(state.changes.live).toBe(state.changes.seen);
    }
    const full = await session.save('web/www/big.txt', 'big');
    expect(full.resources.web?.update.why.join('\n')).toMatch(/big\.txt.*fallback.*sluice\.yaml:\d+/);
    const isGone = (name: string | undefined) => (state: PublicState) =>
      state.resources.web?.runtime.pods.every((each) => each.name !== name) === true;
    await session.until(isGone(pod), 'the old pod is gone');
    expect(await page(`${url}big.txt`)).toBe('big');
    expect(await page(url)).toBe('fourth page');
    await session.stop();
  });

  it('is what the next full build contains as well, also after a restart', async () => {
    const { dir, url, args } = await clusterProject('resume', { image: live });
    const first = drive(dir, args);
    await first.idle();
    await first.save('web/www/index.html', 'in place');
    await first.stop();
    // Changed while nobody watched.
    writeFileSync(join(dir, 'web/www/index.html'), 'while away');
    const second = drive(dir, args);
    await second.idle();
    expect(await page(url)).toBe('while away');
    await second.stop();
  });

  it('explain says beforehand which rule a change hits', async () => {
    const { dir, args } = await clusterProject('explain', { image: live });
    const synced = await sluice(dir, ['explain', 'web/www/index.html', ...args]);
    expect(synced).toMatchObject({ code: 0 });
    expect(synced.stdout).toMatch(/web[\s\S]*sluice\.yaml:\d+/);
    const full = await sluice(dir, ['explain', 'web/www/big.txt', ...args]);
    expect(full.stdout).toContain('fallback');
  });
});
