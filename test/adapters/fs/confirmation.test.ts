// What is told of a file that is seen while it is being written.
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { confirm } from '../../../src/adapters/fs/watch/confirmation.ts';
import { FileIndex } from '../../../src/adapters/fs/watch/file-index.ts';
import { watchedSet } from '../../../src/adapters/fs/watch/watched-set.ts';
import { tempProject } from '../../support/temp.ts';

// What confirms looks at once, and reads after a pause where it found a file just emptied: what is written between is read.
it.each([
  // Younger than any measure, however slow this machine is.
  ['truncated a moment ago is waited for, and is one change', Date.now() + 3_600_000, [['changed'], []]],
  ['has been empty for long is a change as it is', 1_000, [['changed'], ['changed']]],
])('a file that %s', async (_, mtimeMs, told) => {
  const dir = tempProject({ a: 'before' });
  const path = join(dir, 'a');
  const set = watchedSet({ dir, targets: [{ id: 'x', files: { roots: [dir], filters: [] } }] });
  const index = new FileIndex();
  const kinds = async () => (await confirm(index, set, [path])).map(({ kind }) => kind);
  expect(await kinds()).toEqual(['added']);
  writeFileSync(path, '');
  utimesSync(path, new Date(), new Date(mtimeMs));
  const first = kinds();
  writeFileSync(path, 'after');
  expect([await first, await kinds()]).toEqual(told);
});
