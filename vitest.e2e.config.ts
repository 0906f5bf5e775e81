import { defineConfig } from 'vitest/config';

/** Real programs on a real Docker Engine: minutes a test, one after the other. */
export default defineConfig({
  test: {
    include: ['__tests__/e2e/**/*.e2e.ts'],
    testTimeout: 40 * 60_000,
    hookTimeout: 20 * 60_000,
    globalSetup: ['__tests__/stand-ins/setup.ts'],
    fileParallelism: false,
    bail: 1,
    reporters: ['verbose'],
  },
});
