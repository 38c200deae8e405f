// sluice.yaml is edited while a session runs.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drive } from '../support/drive.ts';
import { tempProject } from '../support/temp.ts';

const one = `local:
  one:
    serve: exec sleep 1000
`;

it('a broken edit keeps the last good configuration and says what is wrong where', async () => {
  const dir = tempProject({ 'sluice.yaml': one });
  const session = drive(dir);
  await session.idle();
  const pid = session.resource('one').runtime.pid;
  writeFileSync(join(dir, 'sluice.yaml'), `${one}    dirr: .\n`);
  const broken = await session.until((state) => !state.config.ok, 'the configuration is broken');
  expect(broken.config.problems[0]).toMatchObject({
    kind: 'yours',
    at: { file: join(dir, 'sluice.yaml'), line: 4, column: 5 },
  });
  expect(broken.resources.one?.runtime).toMatchObject({ status: 'ready', pid });
  writeFileSync(join(dir, 'sluice.yaml'), one);
  const mended = await session.until((state) => state.config.ok && state.idle, 'the configuration is whole again');
  expect(mended.config.problems).toEqual([]);
  expect(mended.resources.one?.runtime.pid).toBe(pid);
  await session.stop();
});

it('an added resource comes up, a removed one ends, and the others are left alone', async () => {
  const dir = tempProject({ 'sluice.yaml': one });
  const session = drive(dir);
  await session.idle();
  const pid = session.resource('one').runtime.pid;
  writeFileSync(join(dir, 'sluice.yaml'), `${one}  two: {cmd: echo made > two.out}\n`);
  await session.until((state) => state.resources.two?.update.status === 'ok' && state.idle, 'two is made');
  expect(readFileSync(join(dir, 'two.out'), 'utf8')).toBe('made\n');
  writeFileSync(join(dir, 'sluice.yaml'), one);
  await session.until((state) => state.resources.two === undefined && state.idle, 'two is gone');
  expect(session.resource('one').runtime.pid).toBe(pid);
  await session.stop();
});
