// Hiding never changes what is not a string, and never a key: whatever a Secret holds, JSON stays the JSON it was.
import { describe, expect, it } from 'vitest';
import { scrubber } from '../../src/logs/scrub/scrub.ts';
import { scrubbedJson } from '../../src/logs/scrub/scrub-json.ts';

const secretsOf = (...values: readonly string[]) => scrubber(values.map((value) => ({ name: 'db', key: 'k', value })));

const keysOf = (value: unknown): unknown =>
  typeof value !== 'object' || value === null
    ? typeof value
    : Array.isArray(value)
      ? value.map(keysOf)
      : Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, keysOf(inside)]));

const fact = (value: string) => ({
  type: 'config/loaded',
  seq: 27017,
  at: 1_795_715_181_258,
  config: {
    resources: {
      [value]: {
        name: value,
        kind: 'kubernetes',
        env: { name: value, kind: value },
        objects: [
          {
            object: {
              apiVersion: 'v1',
              kind: 'Secret',
              metadata: { name: value, annotations: { note: value } },
              data: { name: Buffer.from(value).toString('base64') },
              spec: { args: [value], port: 27017, isOn: true, big: 9007199254740993n, env: [{ name: 'A', value }] },
            },
          },
        ],
      },
    },
    order: [value],
  },
  text: `it says ${value}!`,
});

describe.each([
  '27017',
  'a "quoted\\" one',
  'first line of two here\nsecond line of two',
  'containerPort',
  'kubernetes',
  'trüe-ish',
])('a Secret that holds %j', (value) => {
  const scrub = secretsOf(value);
  const line = scrubbedJson(fact(value), scrub);
  const read = JSON.parse(line);

  it('leaves keys, numbers and names as they are', () => {
    expect(keysOf(read)).toEqual(keysOf(JSON.parse(scrubbedJson(fact(value), (text) => text))));
    expect(read).toMatchObject({ type: 'config/loaded', seq: 27017, config: { order: [value] } });
    expect(read.config.resources[value]).toMatchObject({ name: value, kind: 'kubernetes' });
    expect(line).toContain('9007199254740993');
  });

  it('is in no value that is the user’s own', () => {
    const { env, objects } = read.config.resources[value];
    const { metadata, data, spec } = objects[0].object;
    for (const hidden of [
      env.name,
      env.kind,
      metadata.annotations.note,
      data.name,
      spec.args[0],
      spec.env[0].value,
      read.text,
    ])
      expect(hidden).toContain('[redacted db:k]');
  });
});
