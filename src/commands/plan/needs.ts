// What a resource waits for before it first runs, and what is done meanwhile. Pure; by the rules of `src/engine/plan/`.
import { isBuilt } from '../../model/builds/who-builds.ts';
import type { Config, Need, ResourceSpec } from '../../model/config.ts';
import { lookup } from '../../model/text/lookup.ts';

export type PlannedNeed = Need & {
  /** What of it is waited for: that it was started, is ready, or has ended well. */
  readonly waitsFor: 'started' | 'ready' | 'ended';
};

export const plannedNeeds = ({ resources }: Config, { needs }: ResourceSpec): readonly PlannedNeed[] =>
  needs.map((need) => ({ ...need, waitsFor: waitsFor(need, lookup(resources, need.name)) }));

function waitsFor({ until, hook }: Need, other: ResourceSpec | undefined): PlannedNeed['waitsFor'] {
  if (until === 'started' || hook === 'after') return 'started';
  return other && endsByItself(other) ? 'ended' : 'ready';
}

const endsByItself = (spec: ResourceSpec): boolean =>
  spec.kind === 'local' ? spec.serve === null : spec.ready === 'job';

/** Its images are built while what it needs starts; what nobody has asked for yet is not waited for in that way. */
export const isBuiltMeanwhile = ({ images, resources }: Config, { needs, ...spec }: ResourceSpec): boolean =>
  spec.kind !== 'local' &&
  needs.length > 0 &&
  spec.images.some((ref) => isBuilt(images, ref)) &&
  needs.every(({ name }) => lookup(resources, name)?.start);
