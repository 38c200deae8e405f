// Which containers are brought up to date without a save: new ones and those an update was cut off in, never in a circle.
import { describe, expect, it } from 'vitest';
import { reachable } from '../../../src/controllers/synclets.ts';
import type { LiveRule } from '../../../src/model/config.ts';
import type { Container } from '../../../src/model/pods/pod.ts';
import type { Problem } from '../../../src/model/problems/problem.ts';
import { config, container, deployedOf, failed, image, kube, pod, sync, type World, world } from '../world.ts';

const first = 'containerd://web-1';
const stepFailed: Problem = { kind: 'step', code: 'S702', what: 'a step failed' };

const live = (rules: readonly LiveRule[] = [sync]) =>
  world(config([kube('web')], [image('web', { live: rules })]))
    .succeeds('web')
    .put({ type: 'pod/seen', pod: pod('web') });
const inPlace = (it: World, ...ids: readonly string[]) => {
  const { change } = it.work('web');
  const ledgers = Object.fromEntries(ids.map((id) => [id, change]));
  return it.succeeds('web', { strategy: 'synclet', images: [], deployed: null, ledgers });
};
const failsInPlace = (it: World, parts: Parameters<typeof failed>[1] = {}) =>
  it.started('web').ended('web', failed(stepFailed, { phase: 'update', ...parts }));
const seen = (it: World, ...containers: readonly Partial<Container>[]) =>
  it.put({ type: 'pod/seen', pod: pod('web', { containers: containers.map((each) => container('web', each)) }) });
const another = (it: World, id: string, parts: Partial<Container> = {}) =>
  it.put({
    type: 'pod/seen',
    pod: pod('web', { uid: id, name: id, containers: [container('web', { id, ...parts })] }),
  });

describe('a container that lacks files', () => {
  it('after a failed update waits for a new change', () => {
    const it = failsInPlace(live().save('image:web'));
    seen(it, { id: first, ready: false });
    expect(it.running).toEqual([]);
    it.save('image:web');
    expect(it.running).toEqual(['web']);
  });

  it('that takes the place of one whose update failed gets them, once', () => {
    const it = failsInPlace(live().save('image:web'));
    seen(it, { id: 'containerd://web-2', restarts: 1 });
    expect(it.work('web')).toMatchObject({ cause: 'crash', fullBuild: null });
    failsInPlace(it);
    seen(it, { id: 'containerd://web-2', restarts: 1, ready: false });
    expect(it.running).toEqual([]);
  });

  it('is not tried again because a build failed that all wait for', () => {
    const it = live().save('image:web');
    it.fails('web');
    seen(it, { id: 'containerd://web-2', restarts: 1 });
    expect(it.running).toEqual([]);
  });

  it('added by a scale-up gets them, and the others are not touched by a full build', () => {
    const it = inPlace(live().save('image:web'), first);
    another(it, 'containerd://more-1');
    expect(it.work('web')).toMatchObject({ cause: 'crash', fullBuild: null });
    inPlace(it, first, 'containerd://more-1');
    seen(it, { id: 'containerd://web-2', restarts: 1 });
    expect(it.work('web')).toMatchObject({ cause: 'crash', fullBuild: null });
    inPlace(it, 'containerd://web-2', 'containerd://more-1');
    expect(it.running).toEqual([]);
  });

  it('that does not run yet is waited for', () => {
    const it = inPlace(live().save('image:web'), first);
    another(it, 'containerd://more-1', { state: 'waiting', reason: 'ContainerCreating' });
    expect(it.running).toEqual([]);
    another(it, 'containerd://more-1');
    expect(it.running).toEqual(['web']);
  });

  it('of a rule that asks for all files at first gets them once', () => {
    const it = live([{ ...sync, initial: true }]);
    expect(it.work('web')).toMatchObject({ cause: 'crash', containers: [{ id: first, isNew: true }] });
    inPlace(it, first);
    expect(it.running).toEqual([]);
    it.save('image:web');
    expect(it.work('web')).toMatchObject({ containers: [{ id: first, isNew: false }] });
  });
});

describe('containers that disagree', () => {
  it('get a full build by themselves, once', () => {
    const it = failsInPlace(live().save('image:web'), { inconsistent: true });
    expect(it.work('web')).toMatchObject({ fullBuild: 'containers disagree after a partial update' });
    it.fails('web');
    expect(it.running).toEqual([]);
  });

  it('are started anew where the full build makes the image they began with', () => {
    const it = failsInPlace(live().save('image:web'), { inconsistent: true });
    it.succeeds('web', { unchanged: true, deployed: deployedOf(kube('web')) });
    expect(it.of('web')).toMatchObject({ deploy: { inconsistent: false, restarting: true } });
  });
});

describe('helpers', () => {
  it('wait in running containers that rules lead to, and nowhere else', () => {
    const it = live();
    expect(Object.keys(reachable(it.state))).toEqual([first]);
    another(it, 'containerd://more-1', { state: 'waiting' });
    another(it, 'docker://more-2');
    expect(Object.keys(reachable(it.state))).toEqual([first]);
    it.put({ type: 'pod/gone', uid: 'web-pod' });
    expect(reachable(it.state)).toEqual({});
    expect(
      reachable(
        world(config([kube('web')]))
          .succeeds('web')
          .put({ type: 'pod/seen', pod: pod('web') }).state,
      ),
    ).toEqual({});
  });

  it('of one exec per update are there from the first event of a file they carry until its update is over', () => {
    const it = live();
    const helpers = () => Object.keys(reachable({ ...it.state, options: { ...it.state.options, updateMode: 'exec' } }));
    expect(helpers()).toEqual([]);
    it.put({ type: 'files/settling', first: '/p/docs/readme.md' });
    expect(helpers()).toEqual([]);
    it.put({ type: 'files/settling', first: '/p/src/a.js' });
    expect(helpers()).toEqual([first]);
    it.put({ type: 'files/changed', changes: [] });
    expect(helpers()).toEqual([]);
    it.put({ type: 'files/settling', first: '/p/src/a.js' }).save('image:web');
    expect(helpers()).toEqual([first]);
    inPlace(it, first);
    expect(helpers()).toEqual([]);
  });
});
