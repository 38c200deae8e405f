// Each directory of the corpus through Compose itself and through our reader: the same project, key for key and in the same order, or
// a refusal by both.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../../src/adapters/fs/disk.ts';
import { readCompose } from '../../../src/config/compose/read.ts';
import { composeBinary } from '../../support/docker/compose.ts';
import { configOf, inOrder, requestOf } from './reference.ts';

const corpus = join(import.meta.dirname, 'corpus');
const names = readdirSync(corpus);

describe.skipIf(composeBinary === null)('a Compose project', () => {
  it('is what `docker compose config` prints, or refused as it is', async () => {
    const program = composeBinary as string;
    const told = async (name: string) => {
      const request = requestOf(join(corpus, name));
      const [theirs, ours] = await Promise.all([
        configOf(program, request),
        readCompose(request, { disk: createDisk() }),
      ]);
      if ('problems' in ours) return { name, theirs, ours: null };
      return { name, theirs, ours: inOrder(ours.project) };
    };
    const all: Awaited<ReturnType<typeof told>>[] = [];
    const waiting = [...names];
    const work = async (): Promise<void> => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) all.push(await told(name));
    };
    await Promise.all([work(), work(), work()]);
    expect(all).toHaveLength(names.length);
    for (const { name, theirs, ours } of all) {
      expect({ [name]: ours }).toEqual({ [name]: theirs });
      const parts = Object.entries((theirs ?? {}) as Record<string, unknown>).filter(([key]) => key === 'services');
      for (const [key, value] of parts)
        expect(JSON.stringify((ours as Record<string, unknown>)[key]), name).toBe(JSON.stringify(value));
    }
  }, 120_000);
});
