// Figures are taken one after the other, each alone on the machine.
import { defineConfig } from 'vitest/config';

const LONGEST_MS = 30 * 60_000;

export default defineConfig({
  test: {
    include: ['test/bench/*.bench.ts'],
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: LONGEST_MS,
    hookTimeout: LONGEST_MS,
  },
});
