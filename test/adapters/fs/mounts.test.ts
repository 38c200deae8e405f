import { expect, test } from 'vitest';
import { parseMounts, silence } from '../../../src/adapters/fs/mounts.ts';
import { notWatched } from '../../../src/adapters/fs/watch/problems.ts';

const table = `overlay / overlay rw 0 0
C:\\134 /mnt/c 9p rw 0 0
tmpfs /mnt/c/fast tmpfs rw 0 0
//nas/x /mnt/my\\040share cifs rw 0 0
sshfs /home/u/far fuse.sshfs rw 0 0
/dev/sdb1 /media/disk fuseblk rw 0 0
`;

test('the deepest mount decides whether a path lies on a file system without events', () => {
  const silenceOf = silence(parseMounts(table));
  expect(silenceOf('/mnt/c/src/a.js')).toBe('9p');
  expect(silenceOf('/mnt/c/fast/a.js')).toBeNull();
  expect(silenceOf('/mnt/my share/a')).toBe('cifs');
  expect(silenceOf('/home/u/far')).toBe('fuse.sshfs');
  expect(silenceOf('/home/u/farther')).toBeNull();
  expect(silenceOf('/media/disk/a')).toBeNull();
});

test('the limit of watches is named as what it is, with the line that raises it', () => {
  const problem = notWatched('/p', Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
  expect(problem).toMatchObject({
    code: 'S500',
    hint: expect.stringMatching(/^sudo sysctl fs\.inotify\.max_user_watches=\d+/),
  });
  expect(problem.what).toMatch(/fs\.inotify\.max_user_watches = \d+/);
  expect(notWatched('/p', Object.assign(new Error('x'), { code: 'EACCES' }))).toMatchObject({ code: 'S504' });
});
