// One open session per container, made on demand, forgotten with its pod, closed with the program.
import { limits } from '../../model/limits.ts';
import type { ExecStream } from '../../model/ports.ts';
import type { ContainerTarget } from '../../model/run.ts';
import { openSession, type SyncSession } from './session.ts';

/** Starts a command with stdin in a container. */
export type Exec = (container: ContainerTarget, cmd: readonly string[], stop: AbortSignal) => Promise<ExecStream>;

export interface Synclets {
  /** The open session of this container, or a new one; `isFresh` tells which. Rejects as `openSession` does. */
  sessionFor(
    container: ContainerTarget,
    exec: Exec,
    stop: AbortSignal,
  ): Promise<{ session: SyncSession; isFresh: boolean }>;
  /** Closes the sessions of a pod that is gone. */
  forgetPod(podUid: string): Promise<void>;
  /** Nothing of it is left afterwards, on this side and on the other. */
  closeAll(): Promise<void>;
}

interface Held {
  readonly podUid: string;
  readonly session: Promise<SyncSession>;
}

export function createSynclets(): Synclets {
  const held = new Map<string, Held>();
  const lifetime = new AbortController();

  const close = async (ids: readonly string[]) => {
    const closing = ids.map((id) => held.get(id)!.session);
    for (const id of ids) held.delete(id);
    await Promise.allSettled(closing.map(async (session) => (await session).close()));
  };
  const open = (container: ContainerTarget, exec: Exec): Promise<SyncSession> => {
    if (held.size >= limits.synclets) void close([held.keys().next().value!]);
    const session = openSession((cmd) => exec(container, cmd, lifetime.signal));
    held.set(container.id, { podUid: container.podUid, session });
    session.catch(() => held.delete(container.id));
    return session;
  };

  return {
    async sessionFor(container, exec, stop) {
      const old = held.get(container.id);
      const session = await old?.session.catch(() => null);
      if (old && session?.isOpen) {
        // Newest last: the one unused for longest goes first.
        held.delete(container.id);
        held.set(container.id, old);
        return { session, isFresh: false };
      }
      return { session: await unlessAborted(open(container, exec), stop), isFresh: true };
    },
    forgetPod: (podUid) => close([...held].filter(([, each]) => each.podUid === podUid).map(([id]) => id)),
    async closeAll() {
      await close([...held.keys()]);
      lifetime.abort();
    },
  };
}

/** Does not wait longer than `stop` allows; the session itself stays with the pool. */
async function unlessAborted<T>(promise: Promise<T>, stop: AbortSignal): Promise<T> {
  stop.throwIfAborted();
  const settled = new AbortController();
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        stop.addEventListener('abort', () => reject(stop.reason), { once: true, signal: settled.signal });
      }),
    ]);
  } finally {
    settled.abort();
  }
}
