// The hash is the one of Compose: each key of the specification that may stand in a service is in one of these. What
// `docker compose config --format json` prints and what `--hash` says of it were taken down from Compose itself.
import { describe, expect, it } from 'vitest';
import type { ComposeService } from '../../../src/model/compose.ts';
import { configHash } from '../../../src/update/compose/config-hash.ts';
import hashed from './hashed.json' with { type: 'json' };

/** The same value with the keys of all its maps turned round. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, each]) => [key, reversed(each)]),
  );
};

describe('the hash of a service', () => {
  it.each(hashed)('$name is as Compose has it', ({ service, hash }) => {
    expect(configHash(service as unknown as ComposeService)).toBe(hash);
  });

  it.each(hashed)('$name does not depend on the order in which it was written', ({ service, hash }) => {
    expect(configHash(reversed(service) as ComposeService)).toBe(hash);
  });

  it('leaves out how the image comes about, how many there are and what they wait for', () => {
    const [{ service, hash }] = hashed as unknown as [{ service: ComposeService; hash: string }];
    const more: ComposeService = {
      ...service,
      build: { context: '/elsewhere' },
      pull_policy: 'always',
      scale: 3,
      depends_on: { db: { condition: 'service_healthy', required: true } },
      profiles: ['debug'],
    };
    expect(configHash(more)).toBe(hash);
  });

  it('changes with what a container is made of', () => {
    const [{ service, hash }] = hashed as unknown as [{ service: ComposeService; hash: string }];
    expect(configHash({ ...service, environment: { ...service.environment, NEW: '1' } })).not.toBe(hash);
  });
});
