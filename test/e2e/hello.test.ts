// The first minute of a new user, without Docker or a cluster.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drive } from '../support/drive.ts';
import { processesWith, serves } from '../support/facts.ts';
import { helloProject } from './hello-project.ts';

it('hello comes up, takes in an edit, and leaves nothing behind', async () => {
  const { dir, web, env } = await helloProject();
  const session = drive(dir, [], { env });
  const up = await session.idle();
  expect(Object.keys(up.resources).sort()).toEqual(['api', 'greeting', 'web']);
  expect(up.resources.greeting?.update.status).toBe('ok');
  for (const name of ['api', 'web']) expect(up.resources[name]?.runtime.status, name).toBe('ready');
  await serves(web, '<h1>Hello</h1>');

  const before = session.resource('web').runtime.pid;
  const words = readFileSync(join(dir, 'greeting/greetings.txt'), 'utf8').replace('en Hello', 'en Good morning');
  const after = await session.save('greeting/greetings.txt', words);
  expect(after.changes.live).toBe(after.changes.seen);
  await serves(web, '<h1>Good morning</h1>');
  expect(session.resource('web').runtime.pid).not.toBe(before);

  const { verdict } = await session.stop();
  expect(verdict).toMatchObject({ exitCode: 130 });
  expect(processesWith(dir)).toEqual([]);
});

it('a server that is edited restarts alone', async () => {
  const { dir, env } = await helloProject();
  const session = drive(dir, [], { env });
  await session.idle();
  const [api, web] = [session.resource('api').runtime.pid, session.resource('web').runtime.pid];
  await session.save('api/server.js', `${readFileSync(join(dir, 'api/server.js'), 'utf8')}\n// edited\n`);
  expect(session.resource('api').runtime.pid).not.toBe(api);
  expect(session.resource('web').runtime.pid).toBe(web);
  await session.stop();
});

it('a failed step shows its own words, keeps what runs, and is mended by the next save', async () => {
  const { dir, web, env } = await helloProject();
  const session = drive(dir, [], { env });
  await session.idle();
  const good = readFileSync(join(dir, 'greeting/greetings.txt'), 'utf8');
  writeFileSync(join(dir, 'greeting/greetings.txt'), `${good}oops\n`);
  const failed = await session.until(
    (state) => state.resources.greeting?.update.status === 'failed',
    'greeting failed',
  );
  expect(failed.resources.greeting?.update.problem?.logTail?.join('\n')).toContain('greetings.txt:6: not');
  await serves(web, '<h1>Hello</h1>');
  const mended = await session.save('greeting/greetings.txt', good.replace('Hello', 'Hi'));
  expect(mended.resources.greeting?.update.status).toBe('ok');
  await serves(web, '<h1>Hi</h1>');
  await session.stop();
});
