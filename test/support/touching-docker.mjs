// The test files that touch Docker, found by what they and the helpers they import do: a list kept by hand would rot. Faults of the
// cluster, what a cluster says and refuses, the soak, and what is shown of sessions, take minutes and only build an image by it: no
// engine is proved by them. A daemon that is killed is one of the test's own, the same in every run. Builders of different ages
// do not find each other's steps in a cache, and the BuildKit of the tests is of today.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Asks whether Docker is there, connects to it, or runs its program. */
const touches =
  /import\s*\{[^}]*\bdocker\b[^}]*\}\s*from\s*'[^']*\/capability\.ts'|from\s*'dockerode'|\bconnectDocker\b|\(\s*'docker'\s*,/;
const imported = /\bfrom\s*'(\.[^']+)'|\bimport\s*\(?\s*'(\.[^']+)'/g;

const ofNoEngine =
  /^test\/(?:adapters\/docker\/builds\/caches|faults\/(?!docker\/(?!killed))|update\/(?:deploy\/|image\/far-builders)|e2e\/(?:(?:commands\/asking|examples|refusals|screen\/shop)\.|cluster\/(?!up|live|cancel)))/;

/** Paths relative to `root`, sorted. */
export function touchingDocker(root) {
  const known = new Map();
  const touching = (file) => {
    if (known.has(file)) return known.get(file);
    // What imports itself in a circle is told by the others of the circle.
    known.set(file, false);
    const text = readFileSync(join(root, file), 'utf8');
    const found = touches.test(text) || importsOf(root, file, text).some(touching);
    known.set(file, found);
    return found;
  };
  return readdirSync(join(root, 'test'), { recursive: true })
    .map((path) => `test/${path}`)
    .filter((path) => path.endsWith('.test.ts') && !ofNoEngine.test(path) && touching(path))
    .sort();
}

/** Those below test/: what the product does with Docker is none of its tests' touching it. */
const importsOf = (root, file, text) =>
  [...text.matchAll(imported)]
    .map(([, from, dynamic]) => relative(root, join(root, dirname(file), from ?? dynamic)))
    .filter((path) => path.startsWith('test/') && path.endsWith('.ts'));
