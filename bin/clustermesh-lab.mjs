#!/usr/bin/env node
const words = process.argv.slice(2);
const asksForHelp = words.length === 0 || words.includes('--help') || words.includes('-h');

try {
  process.cwd();
} catch {
  console.error('the working folder is gone: it was removed. Remedy: cd into one that exists, then run this again.');
  process.exit(2);
}

// tsx looks at every file that is imported after it, and zod has nearly 100
if (!asksForHelp) await import('zod');

const { register } = await import('tsx/esm/api');
register();
await import('../scripts/lab.ts');
