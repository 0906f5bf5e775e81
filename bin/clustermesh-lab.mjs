#!/usr/bin/env node
import { register } from 'tsx/esm/api';

// The program is TypeScript, run as it lies there.
register();
await import('../scripts/lab.ts');
