// Where places are rare, whoever has the longest chain behind goes first.

import { describe, expect, it } from 'vitest';
import { tookIn } from '../../../src/engine/wanted/durations.ts';
import type { ResourceSpec } from '../../../src/model/config.ts';
import { config, kube, local, need, type World, world } from '../world.ts';

const needing = (name: string, ...needs: readonly string[]) => local(name, { needs: needs.map((on) => need(on)) });
const started = (it: World): readonly string[] => {
  const order: string[] = [];
  for (let next = it.running[0]; next !== undefined; next = it.running[0]) {
    order.push(next);
    it.succeeds(next);
  }
  return order;
};
const one = (specs: readonly ResourceSpec[], took: Readonly<Record<string, number>> = {}): readonly string[] =>
  started(world(config(specs, [], 1), { took }));

describe('a first session', () => {
  it('counts steps: what others wait for comes first', () => {
    expect(one([local('a'), needing('c', 'b'), local('b'), needing('d', 'c')])).toEqual(['b', 'c', 'a', 'd']);
  });

  it('leaves the order as it is where chains are equally long', () => {
    expect(one([local('a'), local('b'), needing('c', 'a'), needing('d', 'b')])).toEqual(['a', 'b', 'c', 'd']);
  });

  it('counts nobody who starts only when asked', () => {
    const specs = [local('a'), local('b'), local('c', { needs: [need('b')], start: false })];
    expect(one(specs)).toEqual(['a', 'b']);
  });
});

describe('a later session', () => {
  it('goes by what each took: a long one alone before a chain of short ones', () => {
    const specs = [local('a'), needing('b', 'a'), needing('c', 'b'), local('slow')];
    expect(one(specs, { a: 100, b: 100, c: 100, slow: 60_000 })).toEqual(['slow', 'a', 'b', 'c']);
    expect(one(specs, { a: 100, b: 100, c: 90_000, slow: 60_000 })).toEqual(['a', 'b', 'c', 'slow']);
  });

  it('takes what is new for a usual one', () => {
    const specs = [local('quick'), local('new'), local('usual'), local('slow')];
    expect(one(specs, { quick: 10, usual: 1_000, slow: 9_000 })).toEqual(['slow', 'new', 'usual', 'quick']);
  });

  it('is not led astray by names of nothing, or of everything', () => {
    const took = JSON.parse('{"gone": 5, "__proto__": 7, "constructor": 9}');
    expect(one([local('constructor'), local('toString')], took)).toEqual(['constructor', 'toString']);
  });

  it('what belongs to no workload carries the longest chain of the cluster', () => {
    const specs = [kube('api'), kube('uncategorized', { images: ['base'] }), kube('web')];
    expect(one(specs, { api: 5_000, uncategorized: 10, web: 9_000 })).toEqual(['uncategorized', 'web', 'api']);
  });
});

describe('later runs', () => {
  it('go by who waits longest: a long chain that is saved again and again starves nobody', () => {
    const it = world(config([local('slow'), local('quick')], [], 1), { took: { slow: 9_000, quick: 1 } });
    it.succeeds('slow').succeeds('quick');
    it.save('local:slow').started('slow').after(10).save('local:quick').after(10).save('local:slow');
    it.ended(it.running[0] as string, { is: 'cancelled', by: 'newer change', images: [] });
    const first = it.running[0] as string;
    it.succeeds(first);
    expect([first, it.running[0]].toSorted()).toEqual(['quick', 'slow']);
  });
});

describe('what a first run took', () => {
  it('is remembered with the build that went ahead of it, and until it was ready', () => {
    const it = world(config([local('db'), kube('web', { needs: [need('db')] })]));
    it.succeeds('web', {}, 4_000).succeeds('db', {}, 500);
    it.succeeds('web', {}, 1_000);
    expect(tookIn(it.state)).toEqual({ db: 500, web: 5_000 });
  });

  it('says nothing where nothing had to be done', () => {
    const it = world(config([kube('web')])).succeeds('web', { strategy: 'unchanged', unchanged: true }, 300);
    expect(tookIn(it.state)).toEqual({});
  });
});
