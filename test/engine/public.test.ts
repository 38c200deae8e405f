// What people see of a state: made anew only of what changed, and the same as if it were made from nothing.
import { describe, expect, it } from 'vitest';
import { publicStates } from '../../src/engine/public.ts';
import { plainTable } from '../../src/engine/resources/table.ts';
import { verdictOf } from '../../src/engine/verdict.ts';
import type { EngineState } from '../../src/model/state.ts';
import { patchOf } from '../../src/view/patch.ts';
import { config, container, failed, kube, local, pod, world } from './world.ts';

const anew = (state: EngineState) => publicStates(() => [])(state);

/** Few, and as many as make the table a list. */
describe.each([
  ['few', []],
  ['many', Array.from({ length: plainTable }, (_, i) => local(`idle${i}`, { start: false }))],
])('of %s resources', (_, crowd) => {
  const session = () => world(config([local('gen'), ...crowd, kube('web', { images: [] })]));

  it('one changed resource is one made anew, and the patch names it alone', () => {
    const one = session();
    const shown = publicStates(() => []);
    const before = shown(one.state);
    one.save('local:gen');
    const after = shown(one.state);
    expect(after.resources.web).toBe(before.resources.web);
    expect(after.resources.gen).not.toBe(before.resources.gen);
    const paths = patchOf(before, after).map(({ path }) => path);
    expect(
      paths.filter((path) => path.startsWith('/resources/')).every((path) => /^\/resources\/gen\//.test(path)),
    ).toBe(true);
    expect(after).toEqual(anew(one.state));
    expect(shown(one.state)).toBe(after);
  });

  it('whatever happens, what is kept is what is made from nothing', () => {
    const one = session();
    const shown = publicStates(() => []);
    const steps: (() => unknown)[] = [
      () => one.save('local:gen'),
      () => one.succeeds('gen'),
      () => one.started('web'),
      () => one.step('web', 'deploy'),
      () => one.succeeds('web'),
      () => one.put({ type: 'pod/seen', pod: pod('web', { ready: false, containers: [container('web')] }) }),
      () => one.put({ type: 'pod/seen', pod: pod('web') }),
      () => one.put({ type: 'pod/gone', uid: 'web-pod' }),
      () => one.put({ type: 'user/asked', action: { do: 'disable', resource: 'gen' }, by: 'socket' }),
      () => one.put({ type: 'config/loaded', config: config([kube('web', { images: [] })]), wanted: 1 }),
    ];
    for (const [i, step] of steps.entries()) {
      step();
      const now = shown(one.state);
      expect(JSON.parse(JSON.stringify(now)), `step ${i}`).toEqual(JSON.parse(JSON.stringify(anew(one.state))));
    }
  });

  it('the verdict of a state is that of a copy of it', () => {
    const one = session();
    const same = () => expect(verdictOf(structuredClone({ ...one.state, resources: { ...one.state.resources } }), 0));
    same().toEqual(verdictOf(one.state, 0));
    one.started('gen').ended('gen', failed());
    const verdict = verdictOf(one.state, 0);
    expect(verdict).toMatchObject({ ok: false, exitCode: 3 });
    same().toEqual(verdict);
    one.save('local:gen');
    expect(verdictOf(one.state, 0)).toBe(null);
    same().toEqual(null);
  });
});
