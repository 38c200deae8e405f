// Who holds a TCP port: the first question after "address already in use".
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { isIPv4, isIPv6 } from 'node:net';

/**
 * "node (pid 4711)"; null when nobody listens there or the process is not ours to see. `host`, an address: only who stands in the way
 * of listening on it, as several programs may have the same port on other addresses.
 */
export async function listener(port: number, host?: string): Promise<string | null> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(read));
  if (tables.every((table) => table === null)) return fromLsof(port);
  const inodes = new Set(tables.flatMap((table) => listening(table ?? '', port, host)));
  return inodes.size === 0 ? null : holderOf(inodes);
}

const read = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);

/** Socket inodes in state LISTEN (0A) on the port, which stands in hex behind the address. */
function listening(table: string, port: number, host?: string): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [address = '', number] = fields[1]?.split(':') ?? [];
    return fields[3] === '0A' && number === hex && collides(address, host) ? [fields[9] ?? ''] : [];
  });
}

const isAny = (hex: string): boolean => /^0+$/.test(hex);

/** The kernel writes an address in words of 32 bits, each with its last byte first. */
function collides(hex: string, host: string | undefined): boolean {
  if (host === undefined || isAny(hex)) return true;
  const wanted = hexOf(host);
  return wanted === null || isAny(wanted) || wanted === hex || `0000000000000000FFFF0000${wanted}` === hex;
}

/** Null for a name: it may stand for any address. */
function hexOf(host: string): string | null {
  const bytes = isIPv4(host) ? host.split('.').map(Number) : isIPv6(host) ? bytesOf6(host) : null;
  if (!bytes) return null;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase());
  return hex.map((_, i) => hex[(i & ~3) + 3 - (i & 3)]).join('');
}

function bytesOf6(host: string): number[] {
  // A URL writes it with every group, but for one run of zeros.
  const [head = '', tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const all = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
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
