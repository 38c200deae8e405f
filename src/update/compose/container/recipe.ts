// What one container is made from.
import type { ComposeSpec } from '../../../model/config.ts';
import type { EngineContainer } from '../../../model/ports/containers.ts';
import type { Others } from './shared-containers.ts';

export interface Recipe {
  readonly spec: ComposeSpec;
  readonly number: number;
  readonly name: string;
  /** Id of the image that `spec.image` names now. */
  readonly imageId: string;
  /** The container that this one takes the place of. */
  readonly before: EngineContainer | null;
  /** Those that it shares something with. */
  readonly others: Others;
  readonly isOneOff?: boolean;
  /** Of a one-off: found by the names of its service all the same. */
  readonly hasAliases?: boolean;
  /** Taken away by the daemon when it has ended. */
  readonly goesByItself?: boolean;
}
