// What an image says of itself: the reference it was built for, and whose it is. Old ones are found by it.
import { createHash } from 'node:crypto';
import { imageOwnerLabel, imageRefLabel } from '../../model/labels.ts';
import type { Project } from '../../model/project.ts';

/** A place goes in as a digest: images are pushed, and paths of this machine are nobody's business there. */
const ownerOf = ({ name, dir, isGiven }: Project): string =>
  isGiven ? name : `${name}@${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`;

export const imageLabels = (ref: string, project: Project): Readonly<Record<string, string>> => ({
  [imageRefLabel]: ref,
  [imageOwnerLabel]: ownerOf(project),
});

/** Built for this reference of this project. */
export const isBuiltFor = (labels: Readonly<Record<string, string>>, ref: string, project: Project): boolean =>
  labels[imageRefLabel] === ref && labels[imageOwnerLabel] === ownerOf(project);

/** A name that sluice gave: others that the same image may have are somebody's own. */
export const isGivenTag = (tag: string): boolean => /:sluice-[0-9a-f]{16}$/.test(tag);
