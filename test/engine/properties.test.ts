// Whatever happens in whatever order: the same facts give the same states, and what must always hold, holds.

import { describe, expect, it } from 'vitest';
import { liveEverywhere } from '../../src/engine/plan/fresh.ts';
import { reduce, seed } from '../../src/engine/reduce.ts';
import { serverOf } from '../../src/engine/resources/resource.ts';
import { currentRun, currentWork } from '../../src/engine/resources/run.ts';
import { isWork } from '../../src/engine/resources/slots.ts';
import { plainTable } from '../../src/engine/resources/table.ts';
import type { Config } from '../../src/model/config.ts';
import type { EngineState } from '../../src/model/state.ts';
import { mulberry as random } from '../support/random.ts';
import {
  cancelled,
  clusterUp,
  config,
  container,
  dockerUp,
  failed,
  image,
  kube,
  local,
  need,
  pod,
  sync,
  unavailable,
  type World,
  world,
} from './world.ts';

const images = [image('web', { live: [sync] }), image('api')];
const projects = (digest: string): Config =>
  config(
    [
      local('gen', { digest: `gen-${digest}` }),
      local('srv', { serve: 'run', restart: 'on-failure', needs: [need('gen', 'restart')] }),
      kube('web', { needs: [need('gen', 'rerun')], digest: `web-${digest}` }),
      kube('api', { onChange: 'cancel', needs: [need('gen', 'wait-fresh')] }),
      kube('job', { images: ['api'], trigger: 'manual', start: false }),
    ],
    images,
    2,
  );
/** As many as make the table of resources one that is kept as a list; they wait to be asked for. */
const crowd = Array.from({ length: plainTable }, (_, i) => local(`idle${i}`, { start: false }));
const crowded = config(
  [
    local('gen'),
    ...crowd.slice(0, 60),
    local('srv', { serve: 'run', restart: 'on-failure', needs: [need('gen', 'restart')] }),
    kube('web', { needs: [need('gen', 'rerun')] }),
    ...crowd.slice(60),
    kube('api', { onChange: 'cancel', needs: [need('gen', 'wait-fresh')] }),
  ],
  images,
  2,
);
/** Nothing that is remembered of a state applies to a copy of it. */
const copied = (state: EngineState): EngineState => structuredClone({ ...state, resources: { ...state.resources } });

const smaller = config([local('gen'), kube('web', { digest: 'web-small' })], images, 2);

const names = ['gen', 'srv', 'web', 'api', 'job', 'nobody'] as const;
const targets = ['local:gen', 'local:srv', 'image:web', 'image:api', 'config'] as const;

function happen(it: World, next: (below: number) => number): void {
  const resource = names[next(names.length)] as string;
  const known = it.state.resources[resource];
  switch (next(18)) {
    case 0:
    case 1:
      it.save(targets[next(targets.length)] as string, targets[next(targets.length)] as string);
      return;
    case 2:
    case 3:
    case 4:
      if (known?.update.now.is === 'wanted') it.started(resource);
      return;
    case 5:
    case 6:
      if (known && currentRun(known)) it.step(resource, ['build x', 'sync', 'deploy'][next(3)] as string);
      return;
    case 7:
    case 8:
      if (known?.update.now.is === 'running') it.succeeds(resource, {}, next(2_000));
      return;
    case 9:
      if (known && currentRun(known))
        it.ended(resource, next(2) ? failed(next(2) ? unavailable : undefined) : cancelled);
      return;
    case 10:
      it.put({
        type: 'pod/seen',
        pod: pod(resource, { ready: next(3) > 0, containers: [container(resource, { id: `c${next(3)}` })] }),
      });
      return;
    case 11:
      it.put(
        next(2)
          ? { type: 'pod/gone', uid: `${resource}-pod` }
          : { type: 'pods/listed', namespace: 'default', uids: [] },
      );
      return;
    case 12:
      it.put({
        type: 'config/loaded',
        config: next(3) ? projects(`${next(3)}`) : smaller,
        wanted: it.state.config.wanted,
      });
      it.put({ type: 'files/watching', files: 1, ms: 1 });
      return;
    case 13:
      if (it.state.wakeAt !== null) it.after(next(3_000) - 500).put({ type: 'clock/reached', due: it.state.wakeAt });
      return;
    case 14:
      it.put(
        ...[{ type: 'docker/failed', problem: unavailable, retryAt: null } as const, clusterUp, dockerUp].slice(
          next(3),
        ),
      );
      return;
    case 15: {
      const action = (['trigger', 'cancel', 'enable', 'disable', 'restart'] as const)[next(5)] ?? 'trigger';
      it.put({ type: 'user/asked', action: { do: action, resource }, by: 'socket' });
      if (it.state.removals[resource]) it.put({ type: 'removal/ended', resource, problem: null });
      return;
    }
    case 16: {
      const server = known && serverOf(known);
      if (known && server?.serves) {
        if (next(2)) it.serves(resource);
        else
          it.put({ type: 'server/exited', resource, generation: known.used.generations, code: next(2), signal: null });
      } else if (server?.process) it.put({ type: 'server/stopped', resource, generation: server.process.generation });
      return;
    }
    default:
      it.put(next(2) ? { type: 'git/held', because: 'rebase' } : { type: 'git/released' });
  }
}

function check(it: World): void {
  const { state } = it;
  const all = Object.entries(state.resources);
  const working = all.filter(([, r]) => currentWork(r) !== null && isWork(state, r));
  expect(working.length).toBeLessThanOrEqual(2 + all.filter(([, { enabled }]) => !enabled).length);
  for (const [name, r] of all) {
    expect(r.changes.live, `${name}: live`).toBeLessThanOrEqual(state.changes.seen);
    expect(r.changes.contained, `${name}: contained`).toBeLessThanOrEqual(state.changes.seen);
    expect(r.changes.seen, `${name}: seen`).toBeLessThanOrEqual(state.changes.seen);
    expect(r.changes.behind.length === 0, `${name}: behind`).toBe(r.changes.live >= r.changes.seen);
    expect(r.changes.behind, `${name}: behind`).toEqual(
      r.changes.behind.filter((change) => change > r.changes.live).toSorted((a, b) => a - b),
    );
    for (const file of Object.values(r.changes.pending)) expect(file.change).toBeLessThanOrEqual(r.changes.seen);
    const { now } = r.update;
    if (now.is === 'running') expect(now.work.run, `${name}: one run`).toBe(now.run.id);
    if (r.update.hold) expect(it.running, `${name}: held and running`).not.toContain(name);
    if (!r.enabled) expect(currentWork(r), `${name}: disabled`).toBe(null);
    if (state.isIdle) expect(now.is, `${name}: idle`).toBe('idle');
  }
  expect(liveEverywhere(state)).toBeLessThanOrEqual(state.changes.seen);
  expect(state.order.every((name) => state.resources[name])).toBe(true);
}

describe('random sessions', () => {
  const first = Number(process.env.SLUICE_SEED ?? Date.now() % 1_000_000);
  for (let n = 0; n < 12; n++)
    it(`seed ${first + n}`, () => {
      const next = random(first + n);
      const session = world(projects('0'));
      const states = [session.state];
      for (let step = 0; step < 250; step++) {
        happen(session, next);
        check(session);
        states.push(session.state);
      }
      const again = session.facts.reduce(reduce, seed);
      expect(again).toEqual(session.state);
      // What is concluded anew each time is the same.
      const anew = session.facts.reduce((state, fact) => copied(reduce(state, fact)), seed);
      expect(anew).toEqual(session.state);
    });

  for (let n = 0; n < 6; n++)
    it(`in turns of several facts, seed ${first + n}`, () => {
      const next = random(first + n);
      const session = world(projects('0'));
      for (let turn = 0; turn < 120; turn++) {
        for (let more = next(4); more > 0; more--) session.midTurn(() => happen(session, next));
        happen(session, next);
        session.put({ type: 'git/released' });
        expect(session.state.isPlanned).toBe(true);
        check(session);
      }
      expect(session.facts.reduce(reduce, seed)).toEqual(session.state);
      expect(session.facts.reduce((state, fact) => copied(reduce(state, fact)), seed)).toEqual(session.state);
    });
});

describe('among many', () => {
  it('what is kept up is what is found anew, and two sessions in turns do not disturb each other', () => {
    const [one, other] = [world(crowded), world(crowded)];
    const [next, else_] = [random(7), random(8)];
    for (let step = 0; step < 60; step++) {
      happen(one, next);
      happen(other, else_);
      check(one);
    }
    const anew = one.facts.reduce((state, fact) => copied(reduce(state, fact)), seed);
    expect(anew).toEqual(copied(one.state));
    expect(other.facts.reduce(reduce, seed)).toEqual(other.state);
  });
});

describe('changes.live', () => {
  it('is the highest change such that all up to it run everywhere they belong', () => {
    for (let seeded = 0; seeded < 40; seeded++) {
      const next = random(seeded);
      const session = world(config(['a', 'b', 'c'].map((name) => local(name, { onChange: 'finish' }))));
      const belongs: { change: number; name: string }[] = [];
      const contained = new Map<string, number>();
      for (let step = 0; step < 60; step++) {
        const name = ['a', 'b', 'c'][next(3)] as string;
        const resource = session.of(name);
        if (next(3) === 0) {
          session.save(`local:${name}`);
          belongs.push({ change: session.state.changes.seen, name });
        } else if (currentRun(resource)) {
          const { change } = session.work(name);
          const isGood = next(3) > 0;
          session.ended(
            name,
            isGood
              ? { is: 'ok', result: { strategy: 'local', images: [], deployed: null, ledgers: {}, unchanged: false } }
              : failed(),
          );
          if (isGood) contained.set(name, change);
        } else if (session.running.includes(name)) session.started(name);
        const waiting = belongs.filter((it) => it.change > (contained.get(it.name) ?? -1)).map((it) => it.change);
        expect(liveEverywhere(session.state), `seed ${seeded} step ${step}`).toBe(
          Math.min(session.state.changes.seen, ...waiting.map((change) => change - 1)),
        );
      }
    }
  });
});
