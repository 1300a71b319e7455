import { defineConfig } from 'vitest/config';

/** Three suites: `unit` needs only Node; `boards` needs QEMU; `models` needs the real models beside the checkout. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'boards', include: ['test/boards/**/*.test.ts'], testTimeout: 600_000, fileParallelism: false } },
      { test: { name: 'models', include: ['test/models/**/*.test.ts'], testTimeout: 900_000, fileParallelism: false } },
    ],
  },
});
