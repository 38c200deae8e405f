// Hooks run wherever a container ends, whoever ends it: a newer one in its place, fewer replicas, a service that leaves the file,
// `down`. What a container is given, a one-off is given too.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { docker } from '../../support/capability.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { drive } from '../../support/drive.ts';
import { sluice } from '../../support/sluice.ts';
import { composeProject } from './project.ts';

const file = (image: string) => `
x-base: &base { image: "${image}", command: [sleep, "1000"], stop_grace_period: 0s, volumes: ["./ends:/ends"] }
services:
  web: { <<: *base, scale: 2, configs: [said], pre_stop: [{ command: [sh, -c, "echo web ends >> /ends/log"] }] }
  gone: { <<: *base, pre_stop: [{ command: [sh, -c, "echo gone ends >> /ends/log"] }] }
  ended: { <<: *base, command: ["true"], pre_stop: [{ command: [sh, -c, "echo never >> /ends/log"] }] }
  sticky: { <<: *base, pre_stop: [{ command: [sh, -c, "echo not yet; test -e /ends/may"] }] }
configs: { said: { content: words } }
`;

it.skipIf(!docker)('hooks run before every end, one-offs have the files of their service', async () => {
  const image = await busyboxImage();
  const { dir, env, ids } = composeProject({ 'compose.yaml': file(image), 'ends/.keep': '' });
  const ends = (): Record<string, number> => {
    const log = join(dir, 'ends/log');
    const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
    return Object.fromEntries([...new Set(lines)].map((line) => [line, lines.filter((each) => each === line).length]));
  };
  const session = drive(dir, [], { env });
  await session.idle();
  expect(ends()).toEqual({});
  const said = await sluice(dir, ['run', 'web', 'cat', '/said'], { env });
  expect([said.code, said.stdout]).toEqual([0, 'words']);

  const text = readFileSync(join(dir, 'compose.yaml'), 'utf8');
  await session.save('compose.yaml', text.replace('scale: 2', 'scale: 1'));
  expect(ends()).toEqual({ 'web ends': 1 });
  await session.save(
    'compose.yaml',
    text.replace('scale: 2', 'scale: 1, environment: { A: b }').replace(/ {2}gone: .*\n/, ''),
  );
  expect(ends()).toEqual({ 'web ends': 2, 'gone ends': 1 });
  await session.stop();

  const refused = await sluice(dir, ['down'], { env });
  expect(refused.code).not.toBe(0);
  expect(refused.stdout).toContain('sticky: not yet');
  expect(refused.stderr).toContain('sticky: its pre_stop hook');
  expect(Object.keys(ids())).toEqual(['sticky-1']);
  expect(ends()).toEqual({ 'web ends': 3, 'gone ends': 1 });
  expect(await sluice(dir, ['exec', 'sticky', 'touch', '/ends/may'], { env })).toMatchObject({ code: 0 });
  expect(await sluice(dir, ['down'], { env })).toMatchObject({ code: 0 });
  expect(ids()).toEqual({});
});
