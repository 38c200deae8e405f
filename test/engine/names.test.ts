// Names that every JavaScript object has are names like others, and are nowhere unless somebody wrote them.
import { describe, expect, it } from 'vitest';
import { publicStates } from '../../src/engine/public.ts';
import type { Fact } from '../../src/model/fact.ts';
import { config, kube, local, need, pod, world } from './world.ts';

const names = Object.getOwnPropertyNames(Object.prototype).filter((name) => name !== '__proto__');
const shown = publicStates(() => []);

describe.each(names)('%s', (name) => {
  it('comes with an edit, is built, and goes again', () => {
    const w = world(config([local('web')])).succeeds('web');
    w.reload(config([local('web', { needs: [need(name)] }), local(name), kube(`${name}2`, { images: [name] })]));
    expect(w.running).toContain(name);
    expect(w.succeeds(name).of(name).update.hasSucceeded).toBe(true);
    expect(Object.keys(shown(w.state).resources)).toEqual(['web', name, `${name}2`]);
    expect(w.succeeds(`${name}2`).state.images[name]?.last?.tagged).toBe(`${name}:sluice-1`);
    w.reload(config([local('web')]));
    expect(Object.keys(w.state.resources)).toEqual(['web']);
  });

  it('is nothing where nobody wrote it', () => {
    const w = world(config([local('web'), kube('api')]));
    const before = w.state;
    const facts: readonly Fact[] = [
      ...(['trigger', 'cancel', 'enable', 'disable', 'restart'] as const).map(
        (verb): Fact => ({ type: 'user/asked', action: { do: verb, resource: name }, by: 'socket' }),
      ),
      { type: 'run/started', resource: name, run: 'r' },
      { type: 'run/ended', resource: name, run: 'r', outcome: { is: 'cancelled', by: 'x', images: [] } },
      { type: 'server/started', resource: name, generation: 1, pid: 1 },
      { type: 'log/appended', resource: name, lines: 1, bytes: 1, last: '' },
      { type: 'pod/gone', uid: name },
      { type: 'restart/ended', resource: name, pods: [name], problem: null },
      { type: 'removal/ended', resource: name, problem: null },
      { type: 'pod/seen', pod: pod(name, { uid: name }) },
    ];
    w.put(...facts);
    expect(w.state.resources).toEqual(before.resources);
    expect(Object.keys(shown(w.state).resources)).toEqual(['web', 'api']);
  });
});
