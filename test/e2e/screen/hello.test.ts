// The full screen on a real session without Docker or a cluster: what a user sees, and what is left when it is over.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tmux } from '../../support/capability.ts';
import { serves } from '../../support/facts.ts';
import { sluice } from '../../support/sluice.ts';
import { helloProject } from '../hello-project.ts';
import { expectShell, openScreen } from './screen.ts';

const change = (path: string, from: string, to: string) =>
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));

describe.skipIf(!tmux)('hello on the full screen', () => {
  it('comes up, shows what fails and where, mends, restarts, disables, and gives the terminal back', {
    timeout: 180_000,
  }, async () => {
    const { dir, env, web } = await helloProject();
    const screen = await openScreen(dir, ['up'], env);
    await screen.until(/● 3\b/);

    await screen.select('greeting');
    change(join(dir, 'greeting/generate.js'), '', 'boom(;\n');
    const failed = await screen.until(/✗ greeting .*failed/);
    expect(failed).toMatch(/greeting .*1 save behind/);
    await screen.until("SyntaxError: Unexpected token ';'");
    await screen.press('p');
    await screen.until(/problems \(\d+\)/);
    await screen.press('esc');
    change(join(dir, 'greeting/generate.js'), 'boom(;\n', '');
    await screen.until((text) => /● greeting/.test(text) && /save 2 live/.test(text));

    await screen.select('web');
    const pid = async () => {
      const shown = await screen.until(/pid \d+/);
      return /pid (\d+)/.exec(shown)?.[1];
    };
    await screen.press('enter');
    const before = await pid();
    await screen.press('r');
    await screen.until((text) => /pid \d+/.test(text) && !text.includes(`pid ${before}`) && /running/.test(text));
    await screen.press('esc');
    await screen.until('NAME');

    await screen.press('d');
    await screen.until('sure?');
    await screen.press('y');
    await screen.until(/○ web .*disabled/);
    await screen.press('d');
    await screen.until(/● web/);
    await serves(web, 'Hello');

    for (const [width, height] of [
      [60, 15],
      [80, 24],
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

  it('says what is wrong with a broken configuration, and comes up once it is mended', {
    timeout: 120_000,
  }, async () => {
    const { dir, env } = await helloProject();
    const screen = await openScreen(dir, ['up'], env);
    await screen.until(/● 3\b/);
    change(join(dir, 'sluice.yaml'), 'labels: [generated]', 'lables: [generated]');
    const broken = await screen.until(/sluice\.yaml:\d+/);
    expect(broken).toContain('lables');
    expect(broken).toContain('the last good configuration stays');
    expect(broken).toContain('● greeting');
    await screen.press('p');
    await screen.until(/hint: did you mean labels/);
    await screen.press('esc');
    change(join(dir, 'sluice.yaml'), 'lables', 'labels');
    await screen.until((text) => !text.includes('lables') && /● 3\b/.test(text));
    await screen.press('ctrl+c');
    await expectShell(screen, dir);
  });

  it('a recording is drawn as the session was, and ends in the same state', { timeout: 120_000 }, async () => {
    const { dir, env } = await helloProject();
    const recording = join(dir, 'session.ndjson');
    const screen = await openScreen(dir, ['up', '--record', recording], env);
    await screen.until(/● 3\b/);
    change(join(dir, 'greeting/generate.js'), '', 'boom(;\n');
    await screen.until(/✗ greeting .*failed/);
    const status = JSON.parse((await sluice(dir, ['status', '--json'], { env: screen.env })).stdout);
    await screen.press('q');
    await expectShell(screen, dir);

    await screen.type(`clear; ${screen.program} replay --speed 0 ${recording}\n`);
    const played = await screen.until(/✗ greeting .*failed/);
    expect(played).toContain('replay of');
    await screen.press('q');
    await expectShell(screen, dir);

    const { stdout, code } = await sluice(dir, ['replay', recording, '--state'], { env });
    expect(code).toBe(0);
    const state = JSON.parse(stdout);
    expect(state.resources.greeting.update).toEqual(status.resources.greeting.update);
    expect(state.changes).toEqual(status.changes);
    expect(Object.keys(state.resources)).toEqual(Object.keys(status.resources));
  });
});
