// Only regular files are read: whatever else a path names is told at once.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDisk } from '../../../src/adapters/fs/disk.ts';
import { tempProject } from '../../support/temp.ts';

it.each(['fifo', 'directory', '/dev/zero', '/dev/tty'])('%s is no regular file', async (name) => {
  const dir = tempProject({ 'directory/x': '' });
  execFileSync('mkfifo', [join(dir, 'fifo')]);
  const path = name.startsWith('/') ? name : join(dir, name);
  await expect(createDisk().readText(path)).rejects.toThrow(`${path} is no regular file`);
});
