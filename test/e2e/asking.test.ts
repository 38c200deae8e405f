// The commands that act on a running session through its socket.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drive } from '../support/drive.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

const config = `local:
  gen: {cmd: cp in.txt out.txt && echo copied, deps: [in.txt]}
  server: {serve: echo serving; exec sleep 1000}
`;

it('status, logs, trigger, wait --fresh and stop act on the session of this directory', async () => {
  const dir = tempProject({ 'sluice.yaml': config, 'in.txt': '1' });
  const session = drive(dir);
  await session.idle();
  const ask = (...args: string[]) => sluice(dir, args, { env: session.env });

  const status = await ask('status');
  expect(status).toMatchObject({ code: 0 });
  expect(status.stdout).toMatch(/gen/);
  expect(status.stdout).toMatch(/server/);

  expect((await ask('logs', 'gen')).stdout).toContain('copied');

  writeFileSync(join(dir, 'in.txt'), '2');
  expect(await ask('wait', '--fresh', '--timeout', '60s')).toMatchObject({ code: 0 });
  expect(readFileSync(join(dir, 'out.txt'), 'utf8')).toBe('2');

  const runs = session.resource('gen').history.length;
  expect(await ask('trigger', 'gen')).toMatchObject({ code: 0 });
  await session.until((state) => (state.resources.gen?.history.length ?? 0) > runs && state.idle, 'gen ran again');

  expect(await ask('disable', 'server')).toMatchObject({ code: 0 });
  await session.until((state) => state.resources.server?.enabled === false && state.idle, 'server is disabled');
  expect(session.resource('server').runtime.pid).toBeUndefined();

  expect(await ask('trigger', 'no-such-resource')).toMatchObject({ code: 2 });
  expect(await ask('stop')).toMatchObject({ code: 0 });
  expect((await session.ended).code).toBe(0);
});

it('without a session they say so', async () => {
  const dir = tempProject({ 'sluice.yaml': config, 'in.txt': '1' });
  const { code, stderr } = await sluice(dir, ['status']);
  expect(code).not.toBe(0);
  expect(stderr).toContain('sluice up');
});
