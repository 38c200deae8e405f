// A name that an image has for the time of one build: BuildKit's FROM takes no image id. A session that dies in that time
// leaves it behind, and the name keeps the image; so it says when it was given, and the next session takes it away.
import { randomUUID } from 'node:crypto';
import { limits } from '../../../model/limits.ts';

const repository = 'sluice-from';

/** Unique; `now` is ms since the epoch. */
export const passingTag = (now: number): string => `${repository}:${now}-${randomUUID()}`;

/** True of a passing tag older than any build that may still need it. */
export function isStranded(tag: string, now: number): boolean {
  const [, given] = /^sluice-from:(\d{1,16})-[0-9a-f-]{36}$/.exec(tag) ?? [];
  return given !== undefined && now - Number(given) > limits.imageAgeMs;
}
