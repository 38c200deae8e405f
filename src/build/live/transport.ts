// How a request reaches a container.
import type { ContainerTarget } from '../../model/run.ts';
import type { SyncAnswer } from '../synclet/exchange.ts';
import type { SyncRequest } from '../synclet/request.ts';

/** Files that could not be put there are a reason to decline. */
export type LiveAnswer = Exclude<SyncAnswer, { is: 'files-failed' }>;

export interface LiveTransport {
  /** Rejects with `Declined` where this container cannot be updated in this way, with an AbortError after an abort. */
  apply(
    container: ContainerTarget,
    request: SyncRequest,
    output: (chunk: Uint8Array) => void,
    stop: AbortSignal,
  ): Promise<LiveAnswer>;
  /** Restarts the container itself, its files kept; null where that is not possible. */
  readonly restart: ((container: ContainerTarget, stop: AbortSignal) => Promise<void>) | null;
}

/** This way is closed; the next strategy may know another. */
export class Declined extends Error {}
