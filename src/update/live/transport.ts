// How a request reaches a container.
import type { ContainerTarget } from '../../model/run.ts';
import type { SyncAnswer } from './synclet/exchange.ts';
import type { SyncRequest } from './synclet/message.ts';

export type LiveAnswer =
  /** Files that could not be put there are a reason to decline. */
  | Exclude<SyncAnswer, { is: 'files-failed' | 'lost' }>
  /** The connection broke after a step may have begun: asking again could run it twice. */
  | { readonly is: 'lost'; readonly because: string }
  | Declined;

/** This way is closed; the next strategy may know another. */
export interface Declined {
  readonly is: 'declined';
  readonly because: string;
  /** Because nothing can be run in the container. */
  readonly noShell?: boolean;
}

export const declined = (because: string): Declined => ({ is: 'declined', because });

export interface LiveTransport {
  /** Rejects with an AbortError after an abort. */
  apply(
    container: ContainerTarget,
    request: SyncRequest,
    output: (chunk: Uint8Array) => void,
    stop: AbortSignal,
  ): Promise<LiveAnswer>;
  /** Is it still the container that was meant, and does it run? */
  isThere(container: ContainerTarget, stop: AbortSignal): Promise<boolean>;
  /** Restarts the container itself, its files kept, and gives why that cannot be done to this one; null where to none. */
  readonly restart: ((container: ContainerTarget, stop: AbortSignal) => Promise<Declined | null>) | null;
}
