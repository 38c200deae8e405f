// Who is looked at again when something changed.
import { expect, it } from 'vitest';
import { concluded, nothingSettled } from '../../../src/engine/plan/conclusions.ts';
import type { EngineState } from '../../../src/model/state.ts';
import { config, kube, local, world } from '../world.ts';

it('an image concerns those that it is one of alone, what runs in the cluster everybody but local resources', () => {
  const specs = [kube('a'), kube('b'), kube('both', { images: ['a', 'b'] }), local('tool')];
  const { state } = world(config(specs));
  const settled = nothingSettled();
  const looked = (next: EngineState): readonly string[] => {
    const names: string[] = [];
    concluded(settled, next, (resource, name) => {
      names.push(name);
      return resource;
    });
    return names;
  };
  const built = (ref: string, before: EngineState): EngineState => ({
    ...before,
    images: { ...before.images, [ref]: { last: null, files: {}, lost: 7 } },
  });
  expect(looked(state)).toEqual(['a', 'b', 'both', 'tool']);
  expect(looked(state)).toEqual([]);
  const a = built('a', state);
  expect(looked(a)).toEqual(['a', 'both']);
  const b = built('b', a);
  expect(looked(b)).toEqual(['b', 'both']);
  const { b: _, ...others } = b.images;
  expect(looked({ ...b, images: others })).toEqual(['b', 'both']);
  expect(looked({ ...b, images: others, pods: {} })).toEqual(['a', 'b', 'both']);
});
