// What becomes of containers that are there already, whoever made them.
import { describe, expect, it } from 'vitest';
import { composeLabels } from '../../../src/model/compose/names.ts';
import type { ComposeSpec } from '../../../src/model/config.ts';
import type { EngineContainer } from '../../../src/model/ports/containers.ts';
import { configHash } from '../../../src/update/compose/config-hash.ts';
import { converge } from '../../../src/update/compose/converge.ts';

const service = { image: 'bb:1', command: null, entrypoint: null, networks: { default: null } };
const specOf = (replicas: number): ComposeSpec =>
  ({
    kind: 'compose',
    name: 'web',
    service: 'web',
    compose: { name: 'shop', dir: '/shop', files: ['/shop/compose.yaml'] },
    config: service,
    networks: { default: { name: 'shop_default' } },
    volumes: {},
    secrets: {},
    configs: {},
    images: [],
    image: 'bb:1',
    replicas,
    ready: 'running',
  }) as unknown as ComposeSpec;

const there = (number: number, more: Partial<EngineContainer> = {}): EngineContainer => ({
  id: `id-${number}`,
  name: `shop-web-${number}`,
  image: 'bb:1',
  imageId: 'sha256:1',
  state: 'running',
  exitCode: 0,
  oomKilled: false,
  error: '',
  createdAt: number,
  startedAt: 1,
  finishedAt: null,
  restarts: 0,
  restartPolicy: '',
  health: null,
  readOnlyRoot: false,
  ports: [],
  networks: { shop_default: 'n1' },
  volumes: [],
  ...more,
  labels: {
    [composeLabels.number]: String(number),
    [composeLabels.hash]: configHash(service),
    [composeLabels.image]: 'sha256:1',
    ...more.labels,
  },
});

const stepsOf = (all: readonly EngineContainer[], replicas = 1, more: { force?: boolean; spoiled?: string[] } = {}) =>
  converge(all, {
    spec: specOf(replicas),
    imageId: 'sha256:1',
    networks: { shop_default: 'n1' },
    others: {},
    force: more.force ?? false,
    spoiled: new Set(more.spoiled),
  }).map(
    (step) =>
      `${step.does} ${'container' in step ? step.container.name : step.number}${'because' in step ? `: ${step.because}` : ''}`,
  );

describe('containers of a service', () => {
  it.each([
    ['none is there', [], 2, ['make 1', 'make 2']],
    ['all are as configured', [there(1), there(2)], 2, ['keep shop-web-1', 'keep shop-web-2']],
    ['one has ended', [there(1, { state: 'exited', exitCode: 1 })], 1, ['start shop-web-1']],
    ['one was made and never started', [there(1, { state: 'created' })], 1, ['start shop-web-1']],
    [
      'too many: the highest numbers go',
      [there(3), there(1), there(2)],
      1,
      ['remove shop-web-2', 'remove shop-web-3', 'keep shop-web-1'],
    ],
    ['a number is free', [there(2)], 2, ['keep shop-web-2', 'make 1']],
    ['scaled to none', [there(1)], 0, ['remove shop-web-1']],
    [
      'another configuration',
      [there(1, { labels: { [composeLabels.hash]: 'other' } })],
      1,
      ['remake shop-web-1: its configuration changed'],
    ],
    [
      'another image',
      [there(1, { labels: { [composeLabels.image]: 'sha256:0' } })],
      1,
      ['remake shop-web-1: its image changed'],
    ],
    [
      'taken out of a network',
      [there(1, { networks: {} })],
      1,
      ['remake shop-web-1: it is not in the network shop_default'],
    ],
    [
      'its network was made anew, and it does not run',
      [there(1, { state: 'exited', networks: { shop_default: 'n0' } })],
      1,
      ['remake shop-web-1: it is not in the network shop_default'],
    ],
    [
      'in networks that have no id yet',
      [there(1, { state: 'created', networks: { shop_default: '' } })],
      1,
      ['start shop-web-1'],
    ],
  ] as const)('%s', (_, all, replicas, expected) => {
    expect(stepsOf(all, replicas)).toEqual(expected);
  });

  it('that hold files of an earlier session are made anew', () => {
    expect(stepsOf([there(1)], 1, { spoiled: ['id-1'] })).toEqual([
      'remake shop-web-1: an earlier session had put files into it',
    ]);
  });

  it('are made anew where that is asked for', () => {
    expect(stepsOf([there(1)], 1, { force: true })).toEqual(['remake shop-web-1: asked for']);
  });
});
