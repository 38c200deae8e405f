// What one fact costs the loop while all resources are held: fold, plan, the state as views see it, and the patch of it.
import { it } from 'vitest';
import { publicStates } from '../../src/engine/public.ts';
import { reduce, seed } from '../../src/engine/reduce.ts';
import type { Config, LocalSpec } from '../../src/model/config.ts';
import type { Action, Fact } from '../../src/model/fact.ts';
import { projectOf } from '../../src/model/project.ts';
import type { EngineState } from '../../src/model/state.ts';
import { patchOf } from '../../src/view/patch.ts';
import { figure } from './figure.ts';

const at = { file: '/p/sluice.yaml', line: 1, column: 1 };

const spec = (name: string): LocalSpec => ({
  kind: 'local',
  name,
  at,
  labels: [],
  needs: [],
  trigger: 'auto',
  start: true,
  onChange: 'smart',
  debounce: { quietMs: 50, maxMs: 2_000 },
  links: [],
  digest: name,
  cmd: 'true',
  serve: null,
  dir: '/p',
  env: {},
  files: { roots: [`/p/${name}`], filters: [] },
  ready: null,
  restart: 'no',
});

it.each([300, 2_000])('fold, plan and patch per fact at %d resources', (count) => {
  const order = Array.from({ length: count }, (_, index) => `r${index}`);
  const config: Config = {
    file: '/p/sluice.yaml',
    dir: '/p',
    images: {},
    resources: Object.fromEntries(order.map((name) => [name, spec(name)])),
    order,
    kubernetes: null,
    settings: { parallel: 3, ignore: [] },
    reads: { roots: ['/p/sluice.yaml'], filters: [] },
    project: projectOf('p', '/p'),
    warnings: [],
  };
  let state: EngineState = seed;
  let seq = 0;
  const put = (fact: Fact) => {
    seq += 1;
    state = reduce(state, { ...fact, seq, at: seq } as Action);
  };
  put({ type: 'session/started', options: { ...seed.options, file: config.file, dir: config.dir } });
  put({ type: 'config/loaded', config, wanted: 1 });
  put({ type: 'files/watching', files: count, ms: 1 });
  const view = publicStates(() => []);
  let shown = view(state);
  const reduced: number[] = [];
  const viewed: number[] = [];
  const whole: number[] = [];
  for (let round = 0; round < 3_000; round += 1) {
    const name = order[round % count] as string;
    const start = performance.now();
    put({ type: 'files/changed', changes: [{ path: `/p/${name}/a`, kind: 'changed', targets: [`local:${name}`] }] });
    const middle = performance.now();
    const next = view(state);
    patchOf(shown, next);
    shown = next;
    const end = performance.now();
    reduced.push((middle - start) * 1_000);
    viewed.push((end - middle) * 1_000);
    whole.push((end - start) * 1_000);
  }
  figure(`fold + plan of one fact at ${count} resources`, 'µs', reduced, null);
  figure('the same as views see it, and its patch', 'µs', viewed, null);
  figure(`fold + plan + public patch for one fact at ${count} resources`, 'µs', whole, 1_000);
});
