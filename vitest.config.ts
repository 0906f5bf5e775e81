import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['__tests__/**/*.test.ts'],
    exclude: ['__tests__/e2e/**'],
    globalSetup: '__tests__/stand-ins/setup.ts',
    // tests of processes start some dozen of them; a deadline is for what hangs, not for what is slow on a busy machine
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // tests of processes sleep as well as work: on two cores a third fills the pauses of two
    maxWorkers: 3,
    // a module is loaded once for a worker, not once for each test file: what it keeps is the same for all of them
    isolate: false,
  },
});
