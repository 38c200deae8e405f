// Where an image that was built before has to be still, to be used again.
import type { ImageSpec } from '../../../model/config.ts';
import type { BuiltImage } from '../../../model/run.ts';
import { restartsProcess } from '../../live/supervisor.ts';
import type { Destination } from '../registry.ts';

/**
 * Its containers come from the registry, and nothing else is made of what Docker has of it: no other image, and no command of its
 * containers. Such an image need not be in Docker any more, which takes Docker longer to tell than its registry.
 */
export const isUsedFromRegistry = (
  spec: ImageSpec,
  { pushed, start }: BuiltImage,
  { push }: Destination,
  isBase: boolean,
): boolean => push && pushed !== null && !isBase && (start !== undefined || !restartsProcess(spec));
