// Images elsewhere than in containers: every place that is described, and nothing else.
import { describe, expect, it } from 'vitest';
import type { ImagePlace, KubeObject } from '../../../src/model/config.ts';
import { withPlaces } from '../../../src/model/manifests/images/places.ts';
import { imagesIn } from '../../../src/model/manifests.ts';

const object = (kind: string, spec: unknown): KubeObject => ({
  apiVersion: 'x/v1',
  kind,
  metadata: { name: 'a' },
  spec,
});
const put = (kind: string, spec: unknown, ...places: readonly ImagePlace[]) =>
  withPlaces(object(kind, spec), { 'shop/run': places }, () => 'reg/built').spec;
const path = (...steps: readonly string[]): ImagePlace => ({ is: 'path', kind: 'Func', path: ['spec', ...steps] });
const env: ImagePlace = { is: 'env', name: 'IMAGE' };
const arg: ImagePlace = { is: 'arg', name: '--image' };

describe('a place', () => {
  it.each<[string, unknown, ImagePlace, unknown]>([
    ['a field', { image: 'shop/run' }, path('image'), { image: 'reg/built' }],
    ['a field with another tag', { image: 'shop/run:v1' }, path('image'), { image: 'reg/built' }],
    ['no image of ours', { image: 'shop/other' }, path('image'), { image: 'shop/other' }],
    [
      'lists on the way',
      { a: [{ b: 'shop/run' }, { b: 'x' }] },
      path('a', 'b'),
      { a: [{ b: 'reg/built' }, { b: 'x' }] },
    ],
    ['a list of texts', { a: ['shop/run', 'x'] }, path('a'), { a: ['reg/built', 'x'] }],
    ['all of a list', { a: ['shop/run'] }, path('a', '*'), { a: ['reg/built'] }],
    ['one of a list', { a: ['shop/run', 'shop/run'] }, path('a', '1'), { a: ['shop/run', 'reg/built'] }],
    ['what is not there', { b: 'shop/run' }, path('constructor', 'name'), { b: 'shop/run' }],
    [
      'a variable of any container, however deep',
      {
        x: {
          initContainers: [
            {
              env: [
                { name: 'IMAGE', value: 'shop/run' },
                { name: 'B', value: 'shop/run' },
              ],
            },
          ],
        },
      },
      env,
      {
        x: {
          initContainers: [
            {
              env: [
                { name: 'IMAGE', value: 'reg/built' },
                { name: 'B', value: 'shop/run' },
              ],
            },
          ],
        },
      },
    ],
    [
      'an argument in one word or two',
      { c: [{ args: ['--image=shop/run', '--image', 'shop/run:2', '--image2=shop/run', 'shop/run', 3] }] },
      arg,
      { c: [{ args: ['--image=reg/built', '--image', 'reg/built', '--image2=shop/run', 'shop/run', 3] }] },
    ],
    [
      'an annotation of pods, however deep',
      { template: { metadata: { annotations: { 'x.io/runner': 'shop/run', b: 'shop/run' } } } },
      { is: 'annotation', name: 'x.io/runner' },
      { template: { metadata: { annotations: { 'x.io/runner': 'reg/built', b: 'shop/run' } } } },
    ],
    ['a command', { command: ['run', '--image', 'shop/run'] }, arg, { command: ['run', '--image', 'reg/built'] }],
  ])('%s', (_, spec, place, expected) => expect(put('Func', spec, place)).toEqual(expected));

  it('may be a key of a ConfigMap, or an annotation of the object itself', () => {
    const metadata = { name: 'a', annotations: { runner: 'shop/run:1' } };
    const map: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'runner.image': 'shop/run', b: 'shop/run' },
    };
    const places: readonly ImagePlace[] = [
      { is: 'path', kind: 'ConfigMap', path: ['data', 'runner.image'] },
      { is: 'annotation', name: 'runner' },
    ];
    expect(withPlaces(map, { 'shop/run': places }, () => 'reg/built')).toMatchObject({
      metadata: { annotations: { runner: 'reg/built' } },
      data: { 'runner.image': 'reg/built', b: 'shop/run' },
    });
  });

  it('of another kind is left alone, and what is found counts as used', () => {
    expect(put('Other', { image: 'shop/run' }, path('image'))).toEqual({ image: 'shop/run' });
    const places = { 'shop/run': [path('image')], 'shop/b': [env] };
    expect(imagesIn([object('Func', { image: 'shop/run' })], ['shop/run', 'shop/b'], places)).toEqual(['shop/run']);
  });
});
