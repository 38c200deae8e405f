// A day at the full screen with the example `shop` on a real cluster, as somebody who sees it for the first time.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cluster, docker, tmux } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { nodeImage, removeImagesOf } from '../../support/docker/images.ts';
import { eventually, freePort, serves } from '../../support/facts.ts';
import { tempProject } from '../../support/temp.ts';
import { expectShell, openScreen } from './screen.ts';

const example = fileURLToPath(new URL('../../../examples/shop', import.meta.url));

describe.skipIf(!docker || !cluster || !tmux)('the shop on the full screen', () => {
  it('is worked on from the first start to the last key', { timeout: 300_000 }, async () => {
    const dir = tempProject();
    cpSync(example, dir, { recursive: true });
    const edit = (path: string, from: string, to: string) =>
      writeFileSync(join(dir, path), readFileSync(join(dir, path), 'utf8').replace(from, to));
    const port = await freePort();
    edit('sluice.yaml', 'kubernetes:\n', 'kubernetes:\n  allow: [sluice-test]\n');
    edit('sluice.yaml', '"7500:8080"', `"${port}:8080"`);
    edit('sluice.yaml', '127.0.0.1:7500', `127.0.0.1:${port}`);
    edit('sluice.yaml', '7501', String(await freePort()));
    edit('sluice.yaml', '7502', String(await freePort()));
    for (const image of ['web', 'api', 'worker', 'db']) onTestFinished(() => removeImagesOf(`shop/${image}`));
    const name = await namespace('tui');
    const screen = await openScreen(dir, ['up', '-n', name], { BASE: await nodeImage() }, [160, 50]);

    await screen.until(/◌ (api|web|worker|migrate) .*waits for (db|migrate|api)/);
    const up = await screen.until(/● 5\b/, 120_000);
    expect(up).toMatch(new RegExp(`● web .*Running .*live.*127\\.0\\.0\\.1:${port}`));
    expect(up).toMatch(/● migrate .*Completed/);

    await screen.select('web');
    edit('web/Dockerfile', 'COPY src ./src', 'COPY src ./src\nRUN no-such-command --flag');
    await screen.until(/✗ web .*failed: RUN no-such-command/);
    const failed = await screen.until(/✗ web\/Dockerfile:7:1 /);
    expect(failed).toMatch(/web .*1 save behind/);
    await screen.press('E');
    await screen.until((text) => text.includes('paused') && text.includes('no-such-command: not found'));
    await screen.press('p');
    await screen.until(/problems \(1\)/);
    // An escape and a letter right behind it are one key to a terminal.
    await screen.press('esc');
    await screen.until((text) => !text.includes('problems (1)'));
    await screen.press('f');
    await screen.until('following');
    edit('web/Dockerfile', '\nRUN no-such-command --flag', '');
    await screen.until((text) => /● web .*live/.test(text) && text.includes('save 2 live'));

    edit('web/src/page.js', 'The tea shop', 'The better tea shop');
    await serves(`http://127.0.0.1:${port}/`, 'The better tea shop');
    await screen.press('enter');
    const detail = await screen.until((text) => /why .*web\/src\/page\.js/.test(text) && text.includes('● web-'));
    expect(detail).toMatch(/defined +k8s\/web\.yaml:\d+/);
    expect(detail).toMatch(/runs +● \d\d:\d\d:\d\d/);
    expect(detail).toMatch(/events +\d|events +<1m/);
    const pods = async () =>
      (await kubectl('-n', name, 'get', 'pods', '-l', 'app=web', '-o', 'name')).trim().replaceAll('pod/', '');
    const before = await pods();
    expect(detail).toContain(before);
    await screen.press('r');
    await screen.until((text) => /● web-\S+ +Running/.test(text) && !text.includes(`● ${before}`));
    await screen.press('esc');
    await screen.until('NAME');

    await screen.press('a', '/');
    await screen.until('a regular expression');
    await screen.type('COPY src');
    // Lines of builds: none is under way now, so their number stands.
    const found = await screen.until(/COPY src .*\d+ (of \d+|matches)/);
    const total = Number(/(\d+) matches|of (\d+)/.exec(found)?.slice(1).find(Boolean));
    expect(total).toBeGreaterThan(1);
    await screen.press('enter', 'n');
    await screen.until(`2 of ${total}`);
    await screen.press('N');
    await screen.until(`1 of ${total}`);
    await screen.press('esc');
    await screen.until((text) => !text.includes('/COPY src/'));
    await screen.press('a', 's');
    await screen.until(/logs web · build/);
    await screen.press('s', 's', 's');
    await screen.until((text) => /logs web ─/.test(text));

    await screen.press('tab');
    await screen.until('tab logs');
    await screen.select('worker');
    await screen.press('d');
    await screen.until('sure?');
    await screen.press('y');
    await screen.until(/○ worker .*disabled/);
    await eventually(
      async () => ((await kubectl('-n', name, 'get', 'deployments', '-o', 'name')).includes('worker') ? null : true),
      'the worker is gone',
    );
    await screen.press('d');
    await screen.until(/● worker .*Running/);
    await screen.press(':');
    await screen.until('do what?');
    await screen.type('timestamps');
    await screen.press('enter');
    await screen.until(/^\d\d:\d\d:\d\d/m);

    for (const [width, height] of [
      [80, 24],
      [60, 15],
      [160, 50],
    ] as const) {
      await screen.resize(width, height);
      const shown = await screen.until((text) => text.trimEnd().split('\n').length === height && /quit$/m.test(text));
      expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    }
    await screen.press('ctrl+z');
    await screen.until('Stopped');
    await screen.type('fg\n');
    await screen.until((text) => text.includes('NAME') && /q quit/.test(text));
    await screen.press('q');
    await expectShell(screen, dir);
  });
});
