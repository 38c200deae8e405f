// What a user sees who has a mistake in sluice.yaml: every problem, its place, the nearest right word, exit code 2.
import { expect, it } from 'vitest';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

const upOnce = (config: string) => sluice(tempProject({ 'sluice.yaml': config }), ['up', '--once', '--plain']);

it('an unknown key names its place and the nearest key', async () => {
  const { code, stdout, stderr } = await upOnce('local:\n  web:\n    srve: node server.js\n');
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^sluice: .*srve/);
  expect(stderr).toMatch(/at .*sluice\.yaml:3:5/);
  expect(stderr).toContain('serve');
  // The line itself, and a mark under the place.
  expect(stderr).toMatch(/\n {2}3 \| {5}srve: node server\.js\n {4}\| {5}\^\n {2}hint: did you mean serve\?\n$/);
});

it.each([
  [
    'a file that multiplies by aliases',
    `a0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join('')}`,
    /multiply/,
  ],
  ['a file nested without end', `local: ${'['.repeat(20_000)}\n`, /inside of each other/],
])('%s is refused with one message, and ends nothing else', async (_, config, what) => {
  const { code, stdout, stderr } = await upOnce(config);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(what);
  expect(stderr.match(/^sluice: /gm)).toHaveLength(1);
});

it('every problem is reported, not the first alone', async () => {
  const { code, stderr } = await upOnce(
    'local:\n  a: {cmdd: "true"}\n  b: {cmd: "true", dpes: [x]}\nresources:\n  a: {needs: [c]}\n',
  );
  expect(code).toBe(2);
  for (const place of ['2:7', '3:20', '5:']) expect(stderr).toContain(`sluice.yaml:${place}`);
});

it('broken YAML names line and column', async () => {
  const { code, stderr } = await upOnce('local:\n  a: {cmd: "true"\nresources: {}\n');
  expect(code).toBe(2);
  expect(stderr).toMatch(/sluice\.yaml:[23]:\d+/);
});

it('a circle of needs is shown as a path', async () => {
  const { code, stderr } = await upOnce(
    'local: {a: {cmd: "true"}, b: {cmd: "true"}}\nresources:\n  a: {needs: [b]}\n  b: {needs: [a]}\n',
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/a → b → a|b → a → b/);
});

it('no configuration at all says where to begin', async () => {
  const { code, stderr } = await sluice(tempProject(), ['up', '--once', '--plain']);
  expect(code).toBe(2);
  expect(stderr).toContain('sluice.yaml');
  expect(stderr).toContain('hint:');
});

it('an unknown command or option is a usage error on stderr', async () => {
  for (const args of [['upp'], ['up', '--no-such-option'], ['up', '--update-mode', 'magic']]) {
    const { code, stdout, stderr } = await sluice(tempProject({ 'sluice.yaml': 'local: {a: {cmd: "true"}}\n' }), args);
    expect(code, args.join(' ')).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^sluice: /);
  }
});

it('a broken configuration ends the stream with a verdict that carries the problems', async () => {
  const dir = tempProject({ 'sluice.yaml': 'local:\n  a: {cmd: 7, xyz: 1}\n' });
  const { code, stdout } = await sluice(dir, ['up', '--once', '--json'], { deadlineMs: 20_000 });
  expect(code).toBe(2);
  const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  expect(last).toMatchObject({ type: 'verdict', ok: false, exitCode: 2 });
  expect(last.problems.length).toBeGreaterThan(0);
});
