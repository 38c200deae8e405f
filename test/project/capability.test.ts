import { expect, it } from 'vitest';
import { cluster, docker, why } from '../support/capability.ts';

it('gives a reason for each thing that is missing, and none when nothing is', () => {
  expect(why).toHaveLength(Number(!docker) + Number(!cluster));
});
