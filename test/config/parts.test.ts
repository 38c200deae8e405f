// The small readers that a configuration is made with.
import { expect, it } from 'vitest';
import { configSchema, type JsonSchema } from '../../src/config/schema/json-schema.ts';
import { duration } from '../../src/config/values/duration.ts';
import { collide, portForward } from '../../src/config/values/port.ts';
import { nearest } from '../../src/model/text/nearest.ts';

it.each([
  ['50ms', 50],
  ['2s', 2_000],
  ['1.5s', 1_500],
  ['5m', 300_000],
  ['1m30s', 90_000],
  ['200', 200],
  [200, 200],
  [0, 0],
  ['2 s', null],
  ['-1s', null],
  ['s', null],
  ['1d', null],
  ['25h', null],
  [-1, null],
  [Number.NaN, null],
])('the duration %s is %s ms', (given, ms) => {
  expect(duration(given)).toBe(ms);
});

it.each([
  [8080, { host: '127.0.0.1', local: 8080, container: null }],
  ['8080', { host: '127.0.0.1', local: 8080, container: null }],
  ['9000:80', { host: '127.0.0.1', local: 9000, container: 80 }],
  ['0.0.0.0:9000:80', { host: '0.0.0.0', local: 9000, container: 80 }],
  ['localhost:9000:80', { host: 'localhost', local: 9000, container: 80 }],
  ['[::1]:9000:80', { host: '::1', local: 9000, container: 80 }],
  ['127.0.0.1:80', null],
  ['70000', null],
  ['80:0', null],
  [1.5, null],
  ['80/udp', null],
])('the port %s is read', (given, forward) => {
  expect(portForward(given)).toEqual(forward);
});

it('ports collide on one address, or where one listens on all', () => {
  const at = (text: string) => portForward(text)!;
  expect(collide(at('80:1'), at('80:2'))).toBe(true);
  expect(collide(at('0.0.0.0:80:1'), at('80:2'))).toBe(true);
  expect(collide(at('127.0.0.2:80:1'), at('80:2'))).toBe(false);
});

it.each([
  ['srve', ['serve', 'cmd'], 'serve'],
  ['depends', ['deps', 'needs'], null],
  ['Ports', ['ports'], 'ports'],
  ['codgen', ['db', 'codegen'], 'codegen'],
  ['xyzzy', ['cmd'], null],
])('the nearest to %s of %s is %s', (name, valid, best) => {
  expect(nearest(name, valid)).toBe(best);
});

it('every key of the schema is described for editors, those that explain themselves aside', () => {
  const plain = new Set([
    'every',
    'timeout',
    'trigger',
    'debounce',
    'quiet',
    'max',
    'ready',
    'env',
    'from',
    'name',
    'start',
  ]);
  const bare: string[] = [];
  const walk = (schema: JsonSchema, path: string): void => {
    for (const [key, inside] of Object.entries(schema.properties ?? {})) {
      if (!plain.has(key) && !inside.description && !inside.anyOf?.some(({ description }) => description))
        bare.push(`${path}.${key}`);
      walk(inside, `${path}.${key}`);
    }
    for (const each of [schema.items, schema.additionalProperties, ...(schema.anyOf ?? [])])
      if (typeof each === 'object') walk(each, path);
  };
  const schema = configSchema();
  walk(schema, '');
  expect(bare).toEqual([]);
  expect(Object.keys(schema.properties ?? {})).toEqual([
    'project',
    'images',
    'kubernetes',
    'compose',
    'local',
    'resources',
    'settings',
  ]);
});
