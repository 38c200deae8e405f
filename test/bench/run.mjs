// `npm run bench [-- NAME…]`: measures, prints each figure beside its target, writes bench-results.json.
// NAME is a file of this folder without its ending. Not part of the tests: figures depend on the machine.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const temp = mkdtempSync(join(tmpdir(), 'slb-'));
const out = join(temp, 'figures.ndjson');
const run = (args, env = {}) =>
  spawnSync(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' }).status ?? 1;

const loadBefore = loadavg()[0];
const filters = process.argv.slice(2).map((name) => `test/bench/${name}.bench.ts`);
let status = run(['build.mjs', '--if-stale']);
if (status === 0) {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/bench/vitest.config.ts'];
  status = run([...vitest, ...filters], { SLUICE_BENCH_OUT: out, TMPDIR: temp });
}
const figures = existsSync(out)
  ? readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
rmSync(temp, { recursive: true, force: true });

const short = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const rows = figures.map(({ name, unit, n, median, p99, target }) => {
  const isMet = target === null ? '' : median <= target ? 'met' : 'MISSED';
  return [
    name,
    `${short(median)} ${unit}`,
    `${short(p99)} ${unit}`,
    String(n),
    target === null ? '' : `≤ ${target} ${unit}`,
    isMet,
  ];
});
const table = [['figure', 'median', 'p99', 'n', 'target', ''], ...rows];
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
console.log(
  `\n${table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}`,
);

const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryMiB: Math.round(totalmem() / 2 ** 20),
  node: process.version,
};
const results = { at: new Date().toISOString(), machine, load: { before: loadBefore, after: loadavg()[0] }, figures };
writeFileSync(join(root, 'bench-results.json'), `${JSON.stringify(results, null, 2)}\n`);
process.exitCode = status;
