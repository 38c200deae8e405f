// One open session per container, made on demand, forgotten with its pod, closed with the program.
import { limits } from '../../../model/limits.ts';
import type { ExecStream } from '../../../model/ports.ts';
import type { ContainerTarget } from '../../../model/run.ts';
import { unlessAborted } from '../../../operators/promises/unless-aborted.ts';
import { type NoSession, openSession, type SyncSession } from './shell.ts';

/** Starts a command with stdin in a container. */
export type Exec = (container: ContainerTarget, cmd: readonly string[], stop: AbortSignal) => Promise<ExecStream>;

export interface Synclets {
  /** The open session of this container, or a new one, or why there is none; `isFresh` tells which. Rejects as `exec` does. */
  sessionFor(
    container: ContainerTarget,
    exec: Exec,
    stop: AbortSignal,
  ): Promise<{ session: SyncSession | NoSession; isFresh: boolean }>;
  /** Opens one ahead of the first save where there is room. Whether it can be had shows when it is needed. */
  open(container: ContainerTarget, exec: Exec): Promise<void>;
  /** Closes the session of a container that is gone. */
  forget(containerId: string): Promise<void>;
  /** Nothing of it is left afterwards, on this side and on the other. */
  closeAll(): Promise<void>;
}

export function createSynclets(): Synclets {
  const held = new Map<string, Promise<SyncSession | NoSession>>();
  const lifetime = new AbortController();

  const close = async (ids: readonly string[]) => {
    const closing = ids.flatMap((id) => held.get(id) ?? []);
    for (const id of ids) held.delete(id);
    await Promise.allSettled(
      closing.map(async (opening) => {
        const opened = await opening;
        if (opened.is === 'open') await opened.close();
      }),
    );
  };
  const open = (container: ContainerTarget, exec: Exec): Promise<SyncSession | NoSession> => {
    if (held.size >= limits.synclets) void close([held.keys().next().value!]);
    const session = openSession((cmd) => exec(container, cmd, lifetime.signal));
    held.set(container.id, session);
    const drop = () => {
      if (held.get(container.id) === session) held.delete(container.id);
    };
    session.then(({ is }) => (is === 'open' ? undefined : drop()), drop);
    return session;
  };

  return {
    async sessionFor(container, exec, stop) {
      const old = held.get(container.id);
      const session = await old?.catch(() => null);
      if (old && session?.is === 'open' && session.isOpen()) {
        // Newest last: the one unused for longest goes first.
        held.delete(container.id);
        held.set(container.id, old);
        return { session, isFresh: false };
      }
      return { session: await unlessAborted(open(container, exec), stop), isFresh: true };
    },
    async open(container, exec) {
      if (held.has(container.id) || held.size >= limits.synclets) return;
      await open(container, exec).catch(() => {});
    },
    forget: (containerId) => close([containerId]),
    async closeAll() {
      await close([...held.keys()]);
      lifetime.abort();
    },
  };
}
