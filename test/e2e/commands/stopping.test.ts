// Ctrl-C, a second session, and a port that is taken.

import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { limits } from '../../../src/model/limits.ts';
import { drive } from '../../support/drive.ts';
import { eventually, freePort, processesWith } from '../../support/facts.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject } from '../../support/temp.ts';

it('Ctrl-C ends servers and commands with everything they started', async () => {
  const dir = tempProject({
    'stubborn.sh': "trap '' TERM INT HUP\nsetsid sleep 98761 &\nwhile :; do sleep 98762; done\n",
    'sluice.yaml': 'local:\n  server: {serve: sh stubborn.sh}\n  command: {cmd: sleep 98763}\n',
  });
  const session = drive(dir);
  await eventually(() => (processesWith('sleep 9876').length >= 3 ? true : null), 'all three sleeps are there');
  await session.stop();
  expect(processesWith('sleep 9876')).toEqual([]);
});

it('Ctrl-\\ ends them at once, and the session in order', async () => {
  const dir = tempProject({
    'stubborn.sh': "trap '' TERM INT HUP\nwhile :; do sleep 98764; done\n",
    'sluice.yaml': 'local:\n  server: {serve: sh stubborn.sh}\n',
  });
  const session = drive(dir);
  await session.idle();
  const start = performance.now();
  process.kill(session.pid, 'SIGQUIT');
  const { code, verdict } = await session.ended;
  expect([code, verdict?.exitCode]).toEqual([130, 130]);
  expect(performance.now() - start).toBeLessThan(limits.drainMs / 2);
  expect(processesWith('sleep 98764')).toEqual([]);
  expect(readdirSync(join(session.env.XDG_RUNTIME_DIR as string, 'sluice'))).toEqual([]);
});

it('a second session in the same directory says who holds it and ends with 2', async () => {
  const dir = tempProject({ 'sluice.yaml': 'local:\n  a: {serve: exec sleep 1000}\n' });
  const session = drive(dir);
  await session.idle();
  const { code, stderr } = await sluice(dir, ['up', '--plain'], { env: session.env });
  expect(code).toBe(2);
  expect(stderr).toContain(String(session.pid));
  await session.stop();
});

it('a port that is taken names the process that holds it', async () => {
  const port = await freePort();
  const holder = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void holder.close());
  await once(holder, 'listening');
  const dir = tempProject({
    'server.js': 'require("node:http").createServer().listen(Number(process.env.PORT), "127.0.0.1");\n',
    'sluice.yaml': `local:\n  web: {serve: node server.js, env: {PORT: "${port}"}, ready: {tcp: ${port}}, restart: no}\n`,
  });
  const session = drive(dir);
  const state = await session.until((now) => now.resources.web?.runtime.status === 'failed', 'web failed');
  const { what, hint = '' } = state.resources.web?.runtime.problem ?? { what: '' };
  expect(`${what} ${hint}`).toContain(String(port));
  expect(`${what} ${hint}`).toContain(`pid ${process.pid}`);
  await session.stop();
});
