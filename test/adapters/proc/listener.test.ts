// Who stands in the way of listening on a port: the one with this address, and whoever listens on all.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { listener } from '../../../src/adapters/proc/listener.ts';
import { freePort } from '../../support/facts.ts';

/** A process of its own that listens there; its name as the kernel gives it. */
async function listens(host: string, port: number): Promise<string> {
  const code = `require('net').createServer().listen(${port}, ${JSON.stringify(host)}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  await once(child.stdout, 'data');
  return `(pid ${child.pid})`;
}

it('of two on different addresses the right one is named', async () => {
  const port = await freePort();
  const [four, six] = [await listens('127.0.0.1', port), await listens('::1', port)];
  expect(await listener(port, '127.0.0.1')).toContain(four);
  expect(await listener(port, '::1')).toContain(six);
  expect(await listener(port, '127.0.0.2')).toBe(null);
  expect(await listener(port, '0.0.0.0')).not.toBe(null);
});

it.each(['0.0.0.0', '::'])('one on %s stands in the way of every address', async (host) => {
  const port = await freePort();
  const pid = await listens(host, port);
  for (const asked of ['127.0.0.1', 'localhost', '0.0.0.0']) expect(await listener(port, asked)).toContain(pid);
});
