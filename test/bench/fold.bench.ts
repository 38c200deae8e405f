// What one fact costs the loop while three hundred resources are held: fold, plan, and the state as views see it.
import { it } from 'vitest';
import { publicStates } from '../../src/engine/public.ts';
import { reduce, seed } from '../../src/engine/reduce.ts';
import type { Config, LocalSpec } from '../../src/model/config.ts';
import type { Action, Fact } from '../../src/model/fact.ts';
import { projectOf } from '../../src/model/project.ts';
import type { EngineState } from '../../src/model/state.ts';
import { figure } from './figure.ts';

const RESOURCES = 300;
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

const order = Array.from({ length: RESOURCES }, (_, index) => `r${index}`);
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

it('fold and plan per fact', () => {
  let state: EngineState = seed;
  let seq = 0;
  const put = (fact: Fact) => {
    seq += 1;
    state = reduce(state, { ...fact, seq, at: seq } as Action);
  };
  put({ type: 'session/started', options: { ...seed.options, file: config.file, dir: config.dir } });
  put({ type: 'config/loaded', config, wanted: 1 });
  put({ type: 'files/watching', files: RESOURCES, ms: 1 });
  const view = publicStates(() => []);
  const reduced: number[] = [];
  const viewed: number[] = [];
  for (let round = 0; round < 3_000; round += 1) {
    const name = order[round % RESOURCES] as string;
    const start = performance.now();
    put({ type: 'files/changed', changes: [{ path: `/p/${name}/a`, kind: 'changed', targets: [`local:${name}`] }] });
    const middle = performance.now();
    view(state);
    reduced.push((middle - start) * 1_000);
    viewed.push((performance.now() - middle) * 1_000);
  }
  figure(`fold + plan of one fact at ${RESOURCES} resources`, 'µs', reduced, 1_000);
  figure(`the same as views see it, made anew`, 'µs', viewed, 1_000);
});
