// Older log lines on disk go with their session; those of one that was killed are taken away by the next.
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** `PID-ID-RESOURCE.SEGMENT`, as the log store names them (src/logs/shelves.ts). */
const spillName = /^(\d{1,10})-[0-9a-f]{8}-\d+\.\d+$/;

/** Removes what no living process of this machine has written below `dir`/.sluice/logs. Never throws: what stays is looked at next time. */
export function removeLeftLogs(dir: string): void {
  const own = join(dir, '.sluice');
  const logs = join(own, 'logs');
  if (![own, logs].every(isDirectory)) return;
  try {
    for (const name of readdirSync(logs)) {
      const pid = Number(spillName.exec(name)?.[1]);
      // Whoever shares the directory from another machine keeps what it has open.
      if (pid > 0 && pid !== process.pid && !isAlive(pid)) rmSync(join(logs, name), { force: true });
    }
  } catch {
    // Nobody may look into it, or it went away meanwhile.
  }
}

/** Not a link to one: what a planted link leads to is not ours. */
const isDirectory = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
