// `npm test [-- PATH…]`: builds, runs every suite, says what was left out and why, and looks for what tests left behind.
// `--touching-docker` runs the suites that touch Docker, at DOCKER_HOST. The last line is the count, which a file named by
// SLUICE_TEST_COUNT gets as well. With CI=true a skipped test is a failure. The rows of test/faults are a table before that.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { leftovers } from './support/leftovers.mjs';
import { touchingDocker } from './support/touching-docker.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = (args, env = process.env) => spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status;

if (run(['build.mjs', '--if-stale']) !== 0) {
  console.log('the build failed\n0 passed, 1 failed');
  process.exit(1);
}

/** The same probe as in the suites; Node 20 does not read TypeScript, so it is translated on the way. */
async function missing() {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(root, 'test/support/capability.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('/');" },
    define: { 'process.env.CI': '"probe"' },
  });
  return (await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)).why;
}

const wanted = process.argv.slice(2).flatMap((arg) => (arg === '--touching-docker' ? touchingDocker(root) : [arg]));

// A temp dir and a mark of this run alone: whatever is left in the one, or carries the other, is ours.
const temp = mkdtempSync(join(tmpdir(), 'slt-'));
const mark = randomUUID();
const started = Date.now();
const report = join(temp, 'vitest-report.json');
const faultRows = join(temp, 'fault-rows.ndjson');
const why = await missing();
const status = run(
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    '--passWithNoTests',
    ...wanted,
  ],
  { ...process.env, TMPDIR: temp, SLUICE_TEST_RUN: mark, SLUICE_FAULT_ROWS: faultRows },
);

function rows() {
  try {
    return readFileSync(faultRows, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  } catch {
    return []; // no fault was among the tests
  }
}

function results() {
  try {
    return JSON.parse(readFileSync(report, 'utf8')).testResults;
  } catch {
    return [];
  }
}

const files = results();
const faults = rows();
rmSync(report, { force: true });
rmSync(faultRows, { force: true });
const tests = files.flatMap((file) =>
  file.assertionResults.map((test) => ({ ...test, file: relative(root, file.name) })),
);
const passed = tests.filter((test) => test.status === 'passed').length;
const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
const unloaded = files.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
const left = await leftovers({ temp, mark, started });
rmSync(temp, { recursive: true, force: true });

for (const { fault, figure } of faults) console.log(`held: ${fault} · ${figure}`);
for (const reason of why) console.log(`left out: ${reason}`);
for (const file of new Set(skipped.map((test) => test.file))) {
  console.log(`  ${file}: ${skipped.filter((test) => test.file === file).length} skipped`);
}
for (const what of left) console.log(`left behind: ${what}`);
const strict = process.env.CI === 'true' ? skipped.length + why.length : 0;
if (strict > 0) console.log('with CI=true nothing may be left out: each of the above counts as a failure');

let failed = tests.filter((test) => test.status === 'failed').length + unloaded.length + left.length + strict;
if (failed === 0 && status !== 0) {
  console.log(`vitest itself ended with ${status}`);
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
if (process.env.SLUICE_TEST_COUNT) writeFileSync(process.env.SLUICE_TEST_COUNT, `${passed} ${failed}\n`);
process.exitCode = failed > 0 ? 1 : 0;
