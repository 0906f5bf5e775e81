import { defineConfig } from 'vitest/config';

/** The stand-ins beside the real programs that `LAB_KIT` holds. */
export default defineConfig({
  test: {
    include: ['__tests__/contract/**/*.contract.ts'],
    globalSetup: ['__tests__/stand-ins/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
