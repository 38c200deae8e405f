// Why something cannot be watched, and what the user can do.
import { readFileSync } from 'node:fs';
import type { Problem } from '../../../model/problems/problem.ts';
import { failingDisk, isOfDisk } from '../tree/read-failure.ts';

/** inotify says ENOSPC, "no space left on device", and means its limit of watches; EMFILE is the limit of queues. */
export function notWatched(dir: string | null, error: NodeJS.ErrnoException): Problem {
  const isWatches = error.code === 'ENOSPC';
  if (isWatches || error.code === 'EMFILE') {
    const wanted = isWatches ? 1_048_576 : 1_024;
    const { name, value } = strictest(isWatches ? 'watches' : 'instances');
    const what = `the system's limit of file watches is reached (${name} = ${value}): the rest is polled`;
    const line = `${name}=${wanted}`;
    const hint = `sudo sysctl ${line}   (to keep it: echo ${line} | sudo tee /etc/sysctl.d/60-sluice.conf)`;
    return { kind: 'unavailable', code: 'S500', what, hint };
  }
  const what = `${dir ?? 'a directory'} cannot be watched (${error.code ?? error.message}): it is polled`;
  return { kind: 'unavailable', code: 'S504', what };
}

/** Of a directory in the middle of a session: what it held before is taken to be there still. */
export const notRead = (dir: string, error: NodeJS.ErrnoException): Problem => ({
  kind: 'yours',
  code: 'S502',
  what: `${dir} cannot be looked into (${error.code ?? error.message}): changes in it are not seen`,
  hint: isOfDisk(error)
    ? failingDisk
    : 'give yourself read and search permission, or ignore it (`ignore`, .dockerignore)',
});

/** Of a root outside of the project, which nobody makes anew with each build. */
export const missing = (root: string): Problem => ({
  kind: 'yours',
  code: 'S509',
  what: `${root} is not there any more`,
  hint: 'it is looked at anew when it is back',
});

export function silentMount(root: string, type: string): Problem {
  const what = `${root} is on a file system without change events (${type}): it is polled`;
  const hint = 'changes are seen within a second or two; a project on a local disk is seen at once';
  return { kind: 'unavailable', code: 'S501', what, hint };
}

/** One for each user, and one for each user namespace (user_namespaces(7)): the lower one is reached first. */
function strictest(of: 'watches' | 'instances'): { readonly name: string; readonly value: string } {
  const all = [`fs.inotify.max_user_${of}`, `user.max_inotify_${of}`].map((name) => ({ name, value: sysctl(name) }));
  const known = all.filter(({ value }) => value !== 'unknown').toSorted((a, b) => Number(a.value) - Number(b.value));
  return known[0] ?? all[0]!;
}

function sysctl(name: string): string {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
