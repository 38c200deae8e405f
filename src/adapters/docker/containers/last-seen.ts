// Whether containers ran when they were last looked at, and whether they have a terminal: whoever reads the log of one right after
// that need not look as well, which would wait until a start or an end of it is over.
import type { ContainerInspectInfo } from 'dockerode';
import { limits } from '../../../model/limits.ts';
import type { Client } from '../connection/client.ts';

export interface Seen {
  readonly hasTty: boolean;
  readonly wasRunning: boolean;
}

const seen = new WeakMap<Client, Map<string, Seen>>();

/** Of the newest. */
export function noteSeen(client: Client, { Id, State, Config }: ContainerInspectInfo): void {
  const all = seen.get(client) ?? new Map<string, Seen>();
  seen.set(client, all);
  all.delete(Id);
  all.set(Id, { hasTty: Config.Tty, wasRunning: isUp(State) });
  const [oldest] = all.keys();
  if (oldest !== undefined && all.size > limits.dockerLogPlaces) all.delete(oldest);
}

/** One that waits to be started again is `Running` to Docker, too. */
export const isUp = ({ Running, Restarting }: ContainerInspectInfo['State']): boolean => Running && !Restarting;

/** Once for each look; null where it has to be looked at. */
export function takeSeen(client: Client, id: string): Seen | null {
  const found = seen.get(client)?.get(id) ?? null;
  seen.get(client)?.delete(id);
  return found;
}
