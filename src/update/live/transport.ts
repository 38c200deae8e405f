// How a request reaches a container.
import type { ContainerTarget } from '../../model/run.ts';
import type { SyncAnswer } from './synclet/exchange.ts';
import type { SyncRequest } from './synclet/message.ts';

export type LiveAnswer =
  /** Files that could not be put there are a reason to decline. */
  | Exclude<SyncAnswer, { is: 'files-failed' }>
  /** The connection broke after a step may have begun: asking again could run it twice. */
  | { readonly is: 'lost'; readonly because: string };

export interface LiveTransport {
  /** Rejects with `Declined` where this container cannot be updated in this way, with an AbortError after an abort. */
  apply(
    container: ContainerTarget,
    request: SyncRequest,
    output: (chunk: Uint8Array) => void,
    stop: AbortSignal,
  ): Promise<LiveAnswer>;
  /** Is it still the container that was meant, and does it run? */
  isThere(container: ContainerTarget, stop: AbortSignal): Promise<boolean>;
  /** Restarts the container itself, its files kept; null where that is not possible. */
  readonly restart: ((container: ContainerTarget, stop: AbortSignal) => Promise<void>) | null;
}

/** This way is closed; the next strategy may know another. */
export class Declined extends Error {}
