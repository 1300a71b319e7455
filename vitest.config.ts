import { defineConfig } from 'vitest/config';

/**
 * `unit` needs only Node; `boards` needs QEMU; `models` needs the real models beside the checkout; `browser` needs
 * Chromium; `exactness` compares all
 * executions on random operations; `mutations` needs a C compiler and shows that the tests would notice: each breaks one rounding rule, nibble order or sign in the kernels and must turn red.
 */
export default defineConfig({
  test: {
    // All cores: the default leaves one free, which is half of a small machine.
    maxWorkers: '100%',
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'boards', include: ['test/boards/**/*.test.ts'], testTimeout: 600_000, fileParallelism: false } },
      {
        test: { name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: 300_000, fileParallelism: false },
      },
      { test: { name: 'exactness', include: ['test/exactness/**/*.test.ts'], testTimeout: 900_000 } },
      { test: { name: 'mutations', include: ['test/mutations/**/*.test.ts'], testTimeout: 120_000 } },
      { test: { name: 'models', include: ['test/models/**/*.test.ts'], testTimeout: 900_000, fileParallelism: false } },
    ],
  },
});
