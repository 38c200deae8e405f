import { expect, it } from 'vitest';
import { isBuilt } from '../../src/model/builds/who-builds.ts';
import { image } from '../engine/world.ts';

it('what nobody has told how to build is built by nobody', () => {
  const images = { web: image('web'), nginx: image('nginx', { build: { is: 'elsewhere' } }) };
  expect(['web', 'nginx', 'unknown', 'constructor'].map((ref) => isBuilt(images, ref))).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(isBuilt(undefined, 'web')).toBe(false);
});
