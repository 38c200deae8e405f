// Which images of ours are old enough to go.
import { limits } from '../../../model/limits.ts';
import type { Ports } from '../../../model/ports.ts';
import type { EngineState } from '../../../model/state.ts';
import { isBuiltFor, isGivenTag } from '../labels.ts';
import { isStranded } from '../layer/temporary-tag.ts';

type Images = Awaited<ReturnType<Awaited<ReturnType<Ports['docker']>>['images']>>;

/** Names to take away: all of images that are old, and those a session that died had given for a while. */
export const oldTags = (images: Images, state: EngineState, now: number): readonly string[] => [
  ...old(images, state, now).flatMap(({ tags }) => tags.filter(isGivenTag)),
  ...images.flatMap(({ tags }) => tags.filter((tag) => isStranded(tag, now))),
];

/** Per reference of this project: all but the newest few and the one in use, older than limits.imageAgeMs. */
export function old(images: Images, state: EngineState, now: number): Images {
  const project = state.config.current?.project;
  if (!project) return [];
  const inUse = new Set(Object.values(state.images).map((image) => image.last?.id));
  return Object.keys(state.images).flatMap((ref) =>
    images
      .filter(({ labels }) => isBuiltFor(labels, ref, project))
      .sort((a, b) => b.createdAt - a.createdAt)
      .slice(limits.imagesKept)
      .filter((image) => !inUse.has(image.id) && now - image.createdAt > limits.imageAgeMs),
  );
}
