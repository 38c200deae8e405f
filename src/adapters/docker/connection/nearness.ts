// Does a Docker run on this very machine, so that `localhost` is the same for both? A socket alone does not tell: behind it may be a
// virtual machine, a container, a Docker without root (all with a network of their own), or ssh to another machine.
import { readFile, stat } from 'node:fs/promises';
import { hostname, release } from 'node:os';
import { basename } from 'node:path';
import type { Client } from './client.ts';
import { type Machine, machineOf } from './daemon.ts';
import type { Endpoint } from './endpoint.ts';

/** Of this process's network: a line for each socket, with the path that it is bound to. */
const sockets = '/proc/net/unix';

/** Looked at once, as long as the machine is the one that it was. */
const known = new WeakMap<Machine, Promise<boolean>>();

/**
 * True only where it is certain: it has the name and kernel of this machine, and is reached by a socket that root has made in the
 * network that this process is in. Others may run here as well. Rejects as machineOf does.
 */
export async function runsHere(client: Client, stop: AbortSignal): Promise<boolean> {
  const machine = await machineOf(client, stop);
  const found = known.get(machine) ?? isThis(machine, client.endpoint);
  known.set(machine, found);
  return found;
}

const isThis = async ({ name, kernel }: Machine, { address }: Endpoint): Promise<boolean> =>
  address.by === 'socket' && name === hostname() && kernel === release() && isOfOurNetwork(address.path);

async function isOfOurNetwork(path: string): Promise<boolean> {
  try {
    const [{ uid, dev, ino }, text] = await Promise.all([stat(path), readFile(sockets, 'utf8')]);
    if (uid !== 0) return false;
    for (const bound of listening(text)) {
      if (basename(bound) !== basename(path)) continue;
      const other = await stat(bound).catch(() => null);
      if (other?.dev === dev && other.ino === ino) return true;
    }
  } catch {
    // No such file: another system than Linux, where Docker runs in a virtual machine.
  }
  return false;
}

/** Paths of the sockets that somebody listens at; `/run` and `/var/run` may be one directory. */
const listening = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => /^\S+ \S+ \S+ 00010000 \S+ \S+ +\d+ (\/.*)$/.exec(line)?.[1] ?? []);
