// `npm run soak [-- MINUTES]`: a session under load for 20 minutes or as long as told; prints the figures, draws soak.svg,
// and fails unless what the session holds stays what it was. The same as a test takes two minutes.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const minutes = Number(process.argv[2] ?? 20);
if (!(minutes >= 2)) {
  console.error('npm run soak [-- MINUTES]: two at least, the first is for warming up');
  process.exit(2);
}
const run = (args) =>
  spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, SLUICE_SOAK_MINUTES: String(minutes), SLUICE_SOAK_OUT: join(root, 'soak.svg') },
    stdio: 'inherit',
  }).status ?? 1;
process.exitCode =
  run(['build.mjs', '--if-stale']) ||
  run(['node_modules/vitest/vitest.mjs', 'run', '--project', 'faults', 'test/faults/soak.test.ts']);
