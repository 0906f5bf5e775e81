import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { variableOf } from '../../scripts/supply/programs.ts';
import { livingContract } from './living.ts';

const folder = process.env.CONTRACT_LAB ?? '';

describe('a lab that lives, beside the same lab of the stand-ins', () => {
  if (folder === '') {
    it.skip('CONTRACT_LAB names no folder of a deployed lab', () => {
      expect.unreachable();
    });
    return;
  }
  // by the programs that its driver is given
  livingContract(() => ({
    folder: resolve(folder),
    program: (tool) => process.env[variableOf(tool as 'kind')] ?? tool,
    env: { PATH: process.env.PATH ?? '' },
  }));
});
