// What the making of one image has at hand: its run, the daemon, where it goes, and the bases made before it.
import { limits } from '../../model/limits.ts';
import type { BuiltImage } from '../../model/run.ts';
import type { BuiltInputs } from './exchange/built-inputs.ts';
import type { ImageCache } from './known/known-images.ts';
import type { Delivering } from './registry.ts';

export interface ImageBuilding extends Delivering {
  readonly cache: ImageCache;
  readonly inputs: BuiltInputs;
  /** Images of this run so far, by ref: bases of the ones to come. */
  readonly done: ReadonlyMap<string, BuiltImage>;
}

/** Without a daemon. */
export type ImageMaking = Omit<ImageBuilding, 'docker'>;

export function tell(building: Pick<ImageBuilding, 'work' | 'ports'>, level: 'info' | 'warn', text: string): void {
  building.ports.logs.line(
    { resource: building.work.resource, source: 'build', run: building.work.run },
    level,
    text,
    building.ports.now(),
  );
}

/** The last lines of this resource's builds, for a problem. */
export const logTail = (building: ImageBuilding): readonly string[] =>
  building.ports.logs.tailText(
    { resources: [building.work.resource], sources: ['build'], runs: [building.work.run] },
    limits.problemLogLines,
  );
