// `npm run docs`: writes the documents that are made from the program. Node 20 does not read TypeScript: bundled on the way.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
// Beside the sources: what is bundled finds the project by its own place.
const temp = mkdtempSync(join(root, 'test/docs-'));
try {
  const outfile = join(temp, 'documents.mjs');
  await esbuild.build({
    entryPoints: [join(root, 'test/docs/documents.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const { generated } = await import(pathToFileURL(outfile).href);
  for (const [path, text] of Object.entries(generated())) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(path);
  }
} finally {
  rmSync(temp, { recursive: true, force: true });
}
