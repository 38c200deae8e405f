// The worker that watches files, bundled as it is shipped: it runs in a thread of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export interface WatchWorker {
  /** The directory that holds it. */
  readonly dir: string;
  readonly url: URL;
  remove(): void;
}

export async function watchWorker(): Promise<WatchWorker> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  const outfile = join(dir, 'watch-worker.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../../src/adapters/fs/watch/worker.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return { dir, url: pathToFileURL(outfile), remove: () => rmSync(dir, { recursive: true, force: true }) };
}
