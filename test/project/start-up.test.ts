// What a start costs is what it loads: the large libraries only where something of theirs is used.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packages that are loaded with a module, without what is imported on demand. */
async function loadedWith(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outdir: 'unwritten',
    write: false,
    metafile: true,
  });
  const all = Object.entries(metafile.outputs);
  const first = all.find(([, { entryPoint }]) => entryPoint === entry)?.[0] ?? '';
  const seen = new Set([first]);
  for (const path of seen)
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? [])
      if (kind === 'import-statement') seen.add(next);
  return [...seen].filter((path) => !(path in metafile.outputs) && !path.startsWith('node:')).sort();
}

it.each([
  ['src/main.ts', ['clipanion']],
  ['src/session/session.ts', ['@swimlane/docker-reference', 'picomatch', 'rxjs', 'uuid', 'yaml']],
  ['src/commands/down/down.ts', ['@swimlane/docker-reference', 'picomatch', 'rxjs', 'yaml']],
])('%s loads no more than it needs', async (entry, packages) => {
  expect(await loadedWith(entry)).toEqual(packages);
});
