// Figures are taken one after the other, each alone on the machine.
import { defineConfig } from 'vitest/config';

/** The longest takes a minute and a half on two quiet cores; what hangs must not keep the others from their turn for long. */
const LONGEST_MS = 5 * 60_000;

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
