// Groups, one after the other: quick suites, those that drive whole sessions against Docker and a cluster, and faults.
import { defineConfig } from 'vitest/config';

const shared = {
  // Processes, not threads: suites change directories, send signals and start worker threads of their own.
  pool: 'forks' as const,
  // One for each file would start and load the same modules some 300 times over: as many are kept as run at once. So a suite puts
  // back what it changes of its process: environment, directory, listeners, timers.
  isolate: false,
  // Limits against hanging, not assertions on speed: two slow cores run the daemon and the cluster as well.
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // The same goes for what is waited for: a second, vitest's own, is short for a Docker that is busy.
  expect: { poll: { timeout: 20_000 } },
  // Its modules name a directory, which bundlers resolve and Node does not.
  server: { deps: { inline: ['clipanion'] } },
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    // `npm run coverage`: what the suites that run in this process reach; whole sessions are processes of their own.
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      reportsDirectory: 'coverage',
      reporter: ['text-summary', 'html'],
      reportOnFailure: true,
    },
    projects: [
      {
        test: {
          ...shared,
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/faults/**'],
          // Half of their time is spent waiting for daemons: one more than the cores that there are.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          // They wait for most of their time: for what must be noticed, and for what must come back.
          maxWorkers: 3,
          testTimeout: 300_000,
          hookTimeout: 240_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
