// Which images go: only ours, only of this project, never the one in use, never a young one.
import { expect, it } from 'vitest';
import { seed } from '../../src/engine/reduce.ts';
import type { Config } from '../../src/model/config.ts';
import { limits } from '../../src/model/limits.ts';
import type { DockerImage } from '../../src/model/ports.ts';
import { type Project, projectOf } from '../../src/model/project.ts';
import type { EngineState } from '../../src/model/state.ts';
import { old, oldTags } from '../../src/update/image/known/old-images.ts';
import { imageLabels } from '../../src/update/image/labels.ts';
import { passingTag } from '../../src/update/image/layer/temporary-tag.ts';

const now = 1_000 * limits.imageAgeMs;

const mine = projectOf(null, '/home/me/app');

const image = (id: string, ref: string | null, ages: number, project = mine): DockerImage => ({
  id,
  tags: [`${ref ?? 'other'}:sluice-${id.padStart(16, '0')}`],
  digests: [],
  labels: ref === null ? {} : imageLabels(ref, project),
  createdAt: now - ages * limits.imageAgeMs,
  entrypoint: [],
  cmd: [],
  user: '',
  workdir: '',
});

const built = (id: string) => ({
  ref: 'web',
  id,
  tagged: `web:${id}`,
  inCluster: `web:${id}`,
  pushed: null,
  inputDigest: id,
  change: 0,
  layers: 0,
});

const state = (inUse: string): EngineState => ({
  ...seed,
  config: { ...seed.config, current: { project: mine } as Config },
  images: {
    web: { last: built(inUse), files: {}, lost: 0 },
    api: { last: null, files: {}, lost: 0 },
  },
});

const gone = (images: readonly DockerImage[], inUse = 'none') => old(images, state(inUse), now).map(({ id }) => id);

it('removes only images of ours that are old', () => {
  const images = [
    image('w1', 'web', 2),
    image('w2', 'web', 3),
    image('w3', 'web', 4),
    image('w4', 'web', 5),
    image('elsewhere', 'another-project', 9),
    image('foreign', null, 9),
    image('a1', 'api', 9),
  ];
  expect(gone(images)).toEqual(['w3', 'w4']);
});

it('keeps what a project of the same name built in another place, and one that is given that name', () => {
  const of = (project: Project) => [1, 2, 3, 4].map((n) => image(`w${n}`, 'web', n + 1, project));
  expect(gone(of(projectOf(null, '/home/you/app')))).toEqual([]);
  expect(gone(of(projectOf('app', '/ci/42')))).toEqual([]);
  expect(gone(of(mine))).toEqual(['w3', 'w4']);
});

it('takes away the names that it gave, and leaves those that a person did', () => {
  const aged = [1, 2, 3].map((n) => {
    const made = image(`${n}`, 'web', n + 1);
    return { ...made, tags: [...made.tags, `web:release-${n}`] };
  });
  expect(oldTags(aged, state('none'), now)).toEqual(['web:sluice-0000000000000003']);
});

it('keeps the image in use however old it is, and whatever is young however many there are', () => {
  const aged = [1, 2, 3, 4].map((n) => image(`w${n}`, 'web', n + 1));
  expect(gone(aged, 'w4')).toEqual(['w3']);
  const young = [1, 2, 3, 4].map((n) => image(`y${n}`, 'web', n / 10));
  expect(gone(young)).toEqual([]);
});

it('takes away the name that a build of a session long dead had given, whosever the image is, and no other', () => {
  const left = passingTag(now - 2 * limits.imageAgeMs);
  const young = passingTag(now - limits.imageAgeMs / 2);
  const tags = ['theirs:1', left, young, 'sluice-from:1', 'sluice-from:x-y', `r.test/${left}`];
  const images = [{ ...image('t', 'another-project', 9), tags }];
  expect(oldTags(images, state('none'), now)).toEqual([left]);
});
