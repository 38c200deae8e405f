// `stress.mjs DIR SEED`: some hundred random changes of a tree, as fast as they go.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Every file below `dir`. */
export const filesBelow = (dir) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.sluice'))
    .map((entry) => join(entry.parentPath, entry.name));

export const directoriesBelow = (dir) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? join(entry.parentPath, entry.name) : null))
    .filter((path) => path !== null && !path.includes('.sluice'));

/** mulberry32. */
function randomFrom(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function change(dir, random) {
  const dirAt = () => join(dir, ...Array.from({ length: random(4) }, () => `d${random(3)}`));
  const fileAt = () => join(dirAt(), 'abc'[random(3)]);
  const steps = [
    () => writeFileSync(fileAt(), `${random(1e9)}`),
    () => writeFileSync(fileAt(), `${random(1e9)}`),
    () => writeFileSync(fileAt(), `${random(1e9)}`),
    () => mkdirSync(dirAt(), { recursive: true }),
    () => mkdirSync(dirAt(), { recursive: true }),
    () => rmSync(fileAt()),
    () => renameSync(fileAt(), fileAt()),
    () => {
      const at = dirAt();
      if (at !== dir) renameSync(at, dirAt());
    },
    () => {
      const at = dirAt();
      if (at !== dir) rmSync(at, { recursive: true });
    },
    () => {
      // One put in another's place at once, as code generators do.
      const [at, beside] = [dirAt(), join(dir, `new${random(1e6)}`)];
      mkdirSync(beside);
      writeFileSync(join(beside, 'a'), `${random(1e9)}`);
      try {
        if (at !== dir) rmSync(at, { recursive: true });
        renameSync(beside, at);
      } catch {
        rmSync(beside, { recursive: true });
      }
    },
  ];
  try {
    steps[random(steps.length)]();
  } catch {
    // What chance has chosen cannot be done: the next.
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const random = randomFrom(Number(process.argv[3]));
  for (let step = 0; step < 400; step += 1) {
    change(process.argv[2], random);
    // Now and then a moment in which the watcher may act between two of them.
    if (random(8) === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, random(6));
  }
}
