// Connections to registries that calls share, with the token that each has been given: a hundred images of one registry are asked for
// by one or two.
import { limits } from '../../model/limits.ts';
import { Connection, type Reach } from './connection.ts';
import type { Credentials } from './credentials.ts';

interface Kept {
  readonly connection: Connection;
  /** Closes it. */
  readonly timer: NodeJS.Timeout;
}

export class Connections {
  private readonly credentials: Credentials;
  private readonly kept = new Map<string, Kept>();

  constructor(credentials: Credentials) {
    this.credentials = credentials;
  }

  /** Gone when it was not asked for limits.registryIdleMs, which no call may take. */
  to(host: string, reach: Reach): Connection {
    const key = JSON.stringify([host, reach]);
    const known = this.kept.get(key);
    known?.timer.refresh();
    return known?.connection ?? this.opened(key, new Connection(host, this.credentials, reach));
  }

  private opened(key: string, connection: Connection): Connection {
    const close = (): void => {
      this.kept.delete(key);
      connection.close();
    };
    const timer = setTimeout(close, limits.registryIdleMs);
    timer.unref();
    this.kept.set(key, { connection, timer });
    return connection;
  }
}
