// The project's own tests. Learners' exercises run without Vitest: see ARCHITECTURE.md.
import { defineConfig } from 'vitest/config';

const seconds = 1000;

/** A folder of tests that start whole stacks, measure time, or both: one file at a time, so that none disturbs another. */
function alone(name: string, timeoutMs: number) {
  return {
    test: {
      name,
      include: [`checker/test/${name}/**/*.test.ts`],
      fileParallelism: false,
      // Two cores are what the smallest laptops in a workshop have; a third test waits while two compute.
      maxConcurrency: 3,
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
    },
  };
}

export default defineConfig({
  test: {
    watch: false,
    pool: 'forks',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['checker/src/**/*.test.ts', 'checker/test/unit/**/*.test.ts'],
          testTimeout: 15 * seconds,
          hookTimeout: 15 * seconds,
        },
      },
      alone('quick', 30 * seconds),
      alone('commands', 60 * seconds),
      alone('proof', 400 * seconds),
      alone('browser', 60 * seconds),
      alone('docker', 300 * seconds),
    ],
  },
});
