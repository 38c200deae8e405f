// Who holds a TCP port: the first question after "address already in use".
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';

/** "node (pid 4711)"; null when nobody listens there or the process is not ours to see. */
export async function listener(port: number): Promise<string | null> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(read));
  if (tables.every((table) => table === null)) return fromLsof(port);
  const inodes = new Set(tables.flatMap((table) => listening(table ?? '', port)));
  return inodes.size === 0 ? null : holderOf(inodes);
}

const read = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);

/** Socket inodes in state LISTEN (0A) on the port, which stands in hex behind the address. */
function listening(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    return fields[3] === '0A' && fields[1]?.endsWith(`:${hex}`) ? [fields[9] ?? ''] : [];
  });
}

async function holderOf(inodes: ReadonlySet<string>): Promise<string | null> {
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode && inodes.has(inode)) return described((await read(`/proc/${pid}/comm`)) ?? '', pid);
    }
  }
  return null;
}

function fromLsof(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { timeout: 3_000 }, (_, out) => {
      const pid = /^p(\d+)$/m.exec(out ?? '')?.[1];
      resolve(pid ? described(/^c(.*)$/m.exec(out)?.[1] ?? '', pid) : null);
    });
  });
}

/** A process may name itself anything, escape sequences included. */
const described = (name: string, pid: string): string =>
  `${name.replace(/[\x00-\x1f\x7f-\x9f]/g, '') || 'a process'} (pid ${pid})`;
