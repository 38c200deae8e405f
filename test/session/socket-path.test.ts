// Where the socket is: in the runtime directory where that can hold one, else in a directory of the user's own.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { oddSocket, socketDirectory, socketPath } from '../../src/session/requests/socket-path.ts';
import { tempProject } from '../support/temp.ts';

const own = join(tmpdir(), `sluice-${userInfo().uid}`);

it.each([
  ['none', undefined, own],
  ['an empty one', '', own],
  ['a relative one', 'run', own],
  ['a file', '/dev/null', own],
  ['a path below a file', '/dev/null/x', own],
  ['one too long for a socket', `/${'l'.repeat(100)}`, own],
  ['a directory', tmpdir(), join(tmpdir(), 'sluice')],
  ['one that is not there yet', '/run/not-there-yet', '/run/not-there-yet/sluice'],
])('XDG_RUNTIME_DIR: %s', (_, given, place) => {
  expect(dirname(socketPath('/x/sluice.yaml', { XDG_RUNTIME_DIR: given }))).toBe(place);
});

it('a link, a directory or a link to a socket at its path is spoken to by nobody', async () => {
  const dir = tempProject();
  const path = join(dir, 'sluice', 'x.sock');
  socketDirectory(path);
  expect(oddSocket(path)).toBeNull();
  const server = net.createServer().listen(path);
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  expect(oddSocket(path)).toBeNull();
  symlinkSync(path, join(dir, 'sluice', 'y.sock'));
  expect(oddSocket(join(dir, 'sluice', 'y.sock'))?.what).toContain('y.sock is a link');
  mkdirSync(join(dir, 'sluice', 'z.sock'));
  expect(oddSocket(join(dir, 'sluice', 'z.sock'))?.what).toContain('z.sock is a directory');
  const other = tempProject();
  symlinkSync(join(dir, 'sluice'), join(other, 'sluice'));
  expect(oddSocket(join(other, 'sluice', 'x.sock'))?.what).toContain(`${other}/sluice is a link`);
  expect(() => socketDirectory(join(other, 'sluice', 'x.sock'))).toThrow(`${other}/sluice is a link`);
  writeFileSync(join(dir, 'file'), '');
  for (const name of ['file', 'file/sluice'])
    expect(() => socketDirectory(join(dir, name, 'x.sock'))).toThrow(/no socket is used there$/);
});
