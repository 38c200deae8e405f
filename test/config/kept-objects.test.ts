// Manifests of an earlier run are what reading them anew would give, and none are taken that somebody else could have written.
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keptTexts } from '../../src/adapters/cache/kept-texts.ts';
import { manifestReader } from '../../src/config/manifests/kept-objects.ts';
import { parseObjects } from '../../src/config/manifests/objects.ts';
import { limits } from '../../src/model/limits.ts';
import type { KeptPort } from '../../src/model/ports.ts';
import { tempProject } from '../support/temp.ts';

const object = (name: string, data = '{}') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${data}\n`;
const text = `# two\n${object('a')}---\n${object('b', '{n: 9223372036854775807, f: 0.5, z: 010, t: "é\\n\\u2028", e: }')}`;

/** A run that reads these. */
function run(kept: KeptPort, ...texts: readonly string[]) {
  const reader = manifestReader(kept, '/p/sluice.yaml');
  const read = texts.map((each) => reader.read(each, 'a.yaml'));
  reader.keep();
  return read;
}

/** What a run has kept, as paths. */
function filled() {
  const dir = join(tempProject(), 'sluice');
  run(keptTexts(dir), text);
  return { dir, path: join(dir, readdirSync(dir)[0] ?? '') };
}

const isTaken = (dir: string): boolean => keptTexts(dir).load(readdirSync(dir)[0] ?? '').size > 0;

describe('manifests as they were read before', () => {
  it('are what they are when read, each at its place in whatever file it is', () => {
    const { dir } = filled();
    const reader = manifestReader(keptTexts(dir), '/p/sluice.yaml');
    expect(reader.read(text, 'b.yaml')).toEqual(parseObjects(text, 'b.yaml'));
    const from = { file: 'sluice.yaml', line: 7, column: 3 };
    for (let time = 0; time < 2; time++)
      expect(reader.read(text, 'output', from)).toEqual(parseObjects(text, 'output', from));
  });

  it('are taken for what they are kept for', () => {
    const kept = keptTexts(null);
    const changed = (texts: ReadonlyMap<string, string>) =>
      new Map([...texts].map(([key, value]) => [key, value.replace('"a"', '"kept"')]));
    run({ ...kept, save: (name, texts) => kept.save(name, changed(texts)) }, text);
    expect(run(kept, text)[0]?.objects[0]?.object.metadata.name).toBe('kept');
  });

  it('are kept of none that has a problem or may hold a Secret, and given up where a run needs them no more', () => {
    const { dir, path } = filled();
    const before = readFileSync(path);
    run(keptTexts(dir), text, 'kind: [', object('a').replace('ConfigMap', 'Secret'));
    expect(readFileSync(path)).toEqual(before);
    run(keptTexts(dir), object('c'));
    expect(readFileSync(path).toString()).toContain('"c"');
    expect(readFileSync(path).toString()).not.toContain('"b"');
  });

  it('are closed to others, and not taken where others may have written them, or not whole', () => {
    const { dir, path } = filled();
    expect([statSync(dir).mode & 0o777, statSync(path).mode & 0o777, isTaken(dir)]).toEqual([0o700, 0o600, true]);
    chmodSync(path, 0o620);
    expect(isTaken(dir)).toBe(false);
    chmodSync(path, 0o600);
    const whole = readFileSync(path);
    for (const damaged of [
      whole.subarray(1),
      whole.subarray(0, -1),
      Buffer.from(whole.toString().replace('"a"', '"x"')),
    ]) {
      writeFileSync(path, damaged);
      expect(isTaken(dir)).toBe(false);
    }
  });

  it('are no more than a bound', () => {
    const kept = keptTexts(null);
    const large = object('large', `{a: ${'x'.repeat(limits.keptManifestBytes)}}`);
    expect(run(kept, text, large)).toEqual([text, large].map((each) => parseObjects(each, 'a.yaml')));
    expect(run(kept, text)).toEqual([parseObjects(text, 'a.yaml')]);
  });
});
