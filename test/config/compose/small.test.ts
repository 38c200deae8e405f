// Projects of a few lines, each for one way in which Compose reads something, through Compose itself and through our reader. `small.txt`
// has them: `### name`, `!` after it where Compose refuses it, then the Compose file, then `## path` before each other file.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../../src/adapters/fs/disk.ts';
import { readCompose } from '../../../src/config/compose/read.ts';
import { composeBinary } from '../../support/docker/compose.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { configOf, inOrder, requestOf } from './reference.ts';

const projects = readFileSync(join(import.meta.dirname, 'small.txt'), 'utf8')
  .split(/^### /m)
  .slice(1)
  .map((text) => {
    const [head = '', ...others] = text.split(/^## /m);
    const [name = ''] = head.split('\n', 1);
    const files = others.map((other): [string, string] => {
      const [path = ''] = other.split('\n', 1);
      return [path, other.slice(path.length + 1)];
    });
    return { name, files: { 'compose.yaml': head.slice(name.length + 1), ...Object.fromEntries(files) } };
  });

describe.skipIf(composeBinary === null)('a small Compose project', () => {
  it('is read as Compose reads it, or refused as it is', async () => {
    const root = tempProject();
    const told = async ({ name, files }: (typeof projects)[number]) => {
      const dir = join(root, name);
      mkdirSync(dir);
      writeFiles(dir, files);
      const request = requestOf(dir);
      const [theirs, ours] = await Promise.all([
        configOf(composeBinary as string, request),
        readCompose(request, { disk: createDisk() }),
      ]);
      expect(theirs === null, name).toBe(name.endsWith('!'));
      return { name, theirs, ours: 'problems' in ours ? null : inOrder(ours.project) };
    };
    const all: Awaited<ReturnType<typeof told>>[] = [];
    const waiting = projects.toReversed();
    const work = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) all.push(await told(next));
    };
    await Promise.all([work(), work(), work()]);
    expect(all).toHaveLength(projects.length);
    for (const { name, theirs, ours } of all) expect({ [name]: ours }).toEqual({ [name]: theirs });
  }, 240_000);
});
