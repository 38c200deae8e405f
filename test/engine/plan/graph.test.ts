// Random graphs: nothing starts before what it needs, a change runs what it concerns once and in order, and all ends.

import { describe, expect, it } from 'vitest';
import { liveEverywhere } from '../../../src/engine/plan/fresh.ts';
import { deployOf, serverOf } from '../../../src/engine/resources/resource.ts';
import { currentRun, currentWork, isRunning } from '../../../src/engine/resources/run.ts';
import { isWork } from '../../../src/engine/resources/slots.ts';
import type { KubeSpec, Need, ResourceSpec } from '../../../src/model/config.ts';
import type { Deployed } from '../../../src/model/run.ts';
import type { ResourceState } from '../../../src/model/state.ts';
import { mulberry } from '../../support/random.ts';
import {
  built,
  cancelled,
  config,
  containerOf,
  deployedOf,
  failed,
  kube,
  local,
  pod,
  pods,
  service,
  servicesUp,
  type World,
  world,
} from '../world.ts';

type Draw = (below: number) => number;
const policies = ['order', 'wait-fresh', 'rerun', 'restart'] as const;

function graph(draw: Draw): readonly ResourceSpec[] {
  const count = 3 + draw(38);
  const density = 1 + draw(3);
  const specs = Array.from({ length: count }, (_, i): ResourceSpec => {
    const names = new Set(Array.from({ length: draw(density + 1) }, () => draw(Math.max(i, 1))).filter((n) => n < i));
    const needs = [...names].map(
      (n): Need => ({
        name: `r${n}`,
        update: policies[draw(4)] ?? 'order',
        ...(draw(4) === 0 ? { until: 'started' as const } : {}),
      }),
    );
    const parts = { needs, onChange: (['smart', 'cancel', 'finish'] as const)[draw(3)] ?? 'smart' };
    const kinds = [
      () => local(`r${i}`, parts),
      () => local(`r${i}`, { ...parts, serve: 'run' }),
      () => kube(`r${i}`, parts),
      () => service(`r${i}`, parts),
      () => service(`r${i}`, { ...parts, images: [] }),
    ];
    return kinds[draw(kinds.length)]?.() as ResourceSpec;
  });
  // What needs something may be written before it.
  return draw(2) ? specs : specs.toReversed();
}

interface Happened {
  readonly is: 'began' | 'ended' | 'anew';
  readonly name: string;
}

/** Drives a session like the world does: runs begin and end, pods and servers come up, in any order. */
class Driven {
  readonly it: World;
  readonly log: Happened[] = [];
  private readonly parallel: number;
  private readonly draw: Draw;
  private template = 0;

  constructor(specs: readonly ResourceSpec[], draw: Draw) {
    this.parallel = 1 + draw(4);
    this.draw = draw;
    this.it = world(config(specs, [], this.parallel));
    this.watch(new Map());
  }

  get all(): readonly ResourceState[] {
    return this.it.state.order.map((name) => this.it.of(name));
  }

  /** Whatever `act` brings about is checked and noted. */
  acting(act: () => void): void {
    const before = new Map(this.all.map((resource) => [resource.spec.name, resource]));
    act();
    this.watch(before);
  }

  private watch(before: ReadonlyMap<string, ResourceState>): void {
    const work = this.all.filter((each) => currentWork(each) !== null && isWork(this.it.state, each));
    expect(work.length, 'places').toBeLessThanOrEqual(this.parallel);
    for (const resource of this.all) {
      const { name } = resource.spec;
      const was = before.get(name);
      const server = serverOf(resource);
      if (was && server?.serves && resource.used.generations > was.used.generations)
        this.log.push({ is: 'anew', name });
      if (was && deployOf(resource)?.restarting && !deployOf(was)?.restarting) this.log.push({ is: 'anew', name });
      if (resource.update.now.is !== 'wanted' || was?.update.now === resource.update.now) continue;
      if (this.it.half(name) === 'build') continue;
      this.log.push({ is: 'began', name });
      for (const need of resource.spec.needs) this.checkMet(resource, need);
    }
  }

  private checkMet(resource: ResourceState, need: Need): void {
    const other = this.it.of(need.name);
    const edge = `${resource.spec.name} ${need.update} ${need.name}`;
    if (!resource.update.hasSucceeded && need.until === 'started') expect(other.update.hasSucceeded, edge).toBe(true);
    else if (!resource.update.hasSucceeded) expect(['ready', 'done'], edge).toContain(other.runtime.status);
    if (need.update !== 'wait-fresh' || !other.enabled) return;
    expect([isRunning(other), other.update.asked, other.changes.live >= other.changes.seen], edge).toEqual([
      false,
      null,
      true,
    ]);
  }

  /** Something that is under way goes on; false where nothing is. `faults`: of a hundred runs that end, so many fail. */
  go(faults = 0): boolean {
    const steps = this.all.flatMap((resource) => this.stepsOf(resource, faults));
    const step = steps[this.draw(Math.max(1, steps.length))];
    if (!step) return false;
    this.it.after(this.draw(400));
    this.acting(step);
    return true;
  }

  private stepsOf(resource: ResourceState, faults: number): (() => void)[] {
    const { it } = this;
    const { name } = resource.spec;
    const { now } = resource.update;
    const steps: (() => void)[] = [];
    if (now.is === 'wanted') steps.push(() => it.started(name));
    if (now.is === 'stopping') steps.push(() => it.ended(name, cancelled));
    if (now.is === 'running')
      steps.push(() => (this.draw(100) < faults ? it.ended(name, failed()) : this.endsWell(name)));
    const server = serverOf(resource);
    if (
      server?.serves &&
      (server.process?.generation !== resource.used.generations || server.process.status !== 'ready')
    )
      steps.push(() => it.serves(name));
    const deploy = deployOf(resource);
    if (deploy?.restarting && resource.kind === 'compose')
      steps.push(() => {
        for (const uid of deploy.result?.containers ?? []) it.put({ type: 'pod/seen', pod: containerOf(name, uid) });
        it.put({ type: 'restart/ended', resource: name, pods: [], problem: null });
      });
    else if (deploy?.restarting)
      steps.push(() => {
        const uids = Object.keys(it.state.pods).filter((uid) => uid.startsWith(`${name}-`));
        it.put({ type: 'restart/ended', resource: name, pods: uids, problem: null });
        for (const uid of uids) it.put({ type: 'pod/gone', uid });
      });
    const [container] = deploy?.result?.containers ?? [];
    if (container !== undefined && !deploy?.restarting && resource.runtime.status === 'pending')
      steps.push(() => it.put({ type: 'pod/seen', pod: containerOf(name, container) }));
    const template = deploy?.result?.templates[0]?.hash;
    if (template && !deploy?.restarting && resource.runtime.status === 'pending')
      steps.push(() => it.put({ type: 'pod/seen', pod: pod(name, { uid: `${name}-${this.template++}`, template }) }));
    return steps;
  }

  private endsWell(name: string): void {
    const { it } = this;
    const resource = it.of(name);
    const isBuild = currentRun(resource)?.half === 'build';
    const deployed = deployOf(resource)?.result;
    const anew = resource.kind !== 'local' && !isBuild;
    const run = currentRun(resource)?.id ?? '';
    const isBuilt = resource.kind !== 'local' && resource.spec.images.length > 0;
    const images = isBuilt ? [built(name, currentRun(resource)?.change ?? 0)] : [];
    if (resource.kind === 'compose' && anew)
      for (const uid of deployed?.containers ?? []) it.put({ type: 'pod/gone', uid });
    it.put({
      type: 'run/ended',
      resource: name,
      run,
      outcome: {
        is: 'ok',
        result: {
          strategy: 'x',
          images,
          deployed: anew ? this.deployedBy(resource) : null,
          ledgers: {},
          unchanged: false,
        },
      },
    });
    if (!isBuild) this.log.push({ is: 'ended', name });
    if (anew) this.log.push({ is: 'anew', name });
  }

  private deployedBy({ spec, ...resource }: ResourceState): Deployed {
    this.template++;
    if (spec.kind === 'compose') return servicesUp(`${spec.name}-${this.template}`);
    const before = deployOf({ spec, ...resource } as ResourceState)?.result;
    return { ...(before ?? deployedOf(spec as KubeSpec)), templates: [pods(`t${this.template}`)] };
  }

  settle(): void {
    let left = 20_000;
    while (this.go()) expect(left--, 'it comes to an end').toBeGreaterThan(0);
    const { state } = this.it;
    expect(this.all.filter(({ update: { hold } }) => hold).map(({ spec }) => spec.name)).toEqual([]);
    expect(state.isIdle).toBe(true);
    expect(liveEverywhere(state)).toBe(state.changes.seen);
    for (const { runtime, spec } of this.all) expect(['ready', 'done'], spec.name).toContain(runtime.status);
  }

  save(names: readonly string[]): void {
    const targets = names.map((name) => (this.it.of(name).kind === 'local' ? `local:${name}` : `image:${name}`));
    this.acting(() => this.it.save(...targets));
  }

  /** What failed and what was called off is tried again. */
  mend(): void {
    const broken = this.all.filter(
      (each) =>
        each.enabled &&
        (each.runtime.status === 'failed' ||
          !each.update.hasSucceeded ||
          each.update.last?.outcome !== 'ok' ||
          each.changes.live < each.changes.seen),
    );
    for (const { spec } of broken)
      this.acting(() => this.it.put({ type: 'user/asked', action: { do: 'trigger', resource: spec.name }, by: 'tui' }));
  }
}

/** What keeps the machine busy: a service that is only pulled takes none of the places. */
const hasWork = (spec: ResourceSpec): boolean => spec.kind !== 'compose' || spec.images.length > 0;

/** Of a settled session: who runs, and who is started anew, for one save of `saved`. */
function expected(specs: readonly ResourceSpec[], saved: ReadonlySet<string>) {
  const ran = new Set<string>();
  const anew = new Set<string>();
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  for (let i = 0; i < specs.length; i++) {
    const spec = byName.get(`r${i}`) as ResourceSpec;
    const told = (update: Need['update']): boolean =>
      spec.needs.some((need) => need.update === update && ran.has(need.name));
    if (saved.has(spec.name) || told('rerun')) ran.add(spec.name);
    const isLasting = spec.kind !== 'local' || spec.serve !== null;
    if (isLasting && (ran.has(spec.name) || told('restart'))) anew.add(spec.name);
  }
  return { ran: [...ran].toSorted(), anew: [...anew].toSorted() };
}

const named = (log: readonly Happened[], what: Happened['is']): string[] =>
  log.flatMap(({ is, name }) => (is === what ? [name] : [])).toSorted();

describe('random graphs', () => {
  const first = Number(process.env.SLUICE_SEED ?? Date.now() % 1_000_000);
  for (let n = 0; n < 40; n++)
    it(`seed ${first + n}`, () => {
      const draw = mulberry(first + n);
      const specs = graph(draw);
      const session = new Driven(specs, draw);
      session.settle();
      for (let round = 0; round < 4; round++) {
        const files = specs.filter(hasWork).map(({ name }) => name);
        if (files.length === 0) return;
        const saved = new Set(Array.from({ length: 1 + draw(3) }, () => files[draw(files.length)] as string));
        session.log.length = 0;
        session.save([...saved]);
        session.settle();
        const { ran, anew } = expected(specs, saved);
        expect([named(session.log, 'ended'), named(session.log, 'anew')], [...saved].join()).toEqual([ran, anew]);
        for (const { name, needs } of specs)
          for (const need of needs) {
            const at = (is: Happened['is'], of: string): number =>
              session.log.findIndex((each) => each.is === is && each.name === of);
            if (need.update !== 'order' && at('began', name) >= 0 && at('ended', need.name) >= 0)
              expect(at('began', name), `${name} ${need.update} ${need.name}`).toBeGreaterThan(at('ended', need.name));
          }
      }
    });

  for (let n = 0; n < 30; n++)
    it(`in which anything happens, seed ${first + n}`, () => {
      const draw = mulberry(first + n);
      const specs = graph(draw);
      const session = new Driven(specs, draw);
      const any = (): string => `r${draw(specs.length)}`;
      for (let step = 0; step < 150; step++) {
        const what = draw(20);
        if (what === 0) session.save([any(), any()]);
        else if (what === 1) {
          const action = (['cancel', 'trigger', 'restart'] as const)[draw(3)] ?? 'trigger';
          session.acting(() =>
            session.it.put({ type: 'user/asked', action: { do: action, resource: any() }, by: 'tui' }),
          );
        } else if (what === 2) {
          const { spec } = session.it.of(any());
          const uid = Object.keys(session.it.state.pods).find((each) => each.startsWith(`${spec.name}-`));
          if (uid) session.acting(() => session.it.put({ type: 'pod/gone', uid }));
        } else session.go(25);
      }
      for (let round = 0; round < specs.length; round++) {
        while (session.go());
        session.mend();
      }
      session.settle();
    });
});
