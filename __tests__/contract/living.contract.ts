import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { variableOf } from '../../scripts/supply/programs.ts';
import { type LivingLab, livingContract } from './living.ts';

const folder = process.env.CONTRACT_LAB ?? '';

/** The lab of CONTRACT_LAB, by the programs that its driver is given. */
function livingLab(): LivingLab {
  const env = { PATH: process.env.PATH ?? '' };
  const program = (tool: string): string =>
    (tool === 'docker' ? undefined : process.env[variableOf(tool as 'kind')]) ?? tool;
  const version = (tool: string, ...args: string[]): string =>
    /v\d+\.\d+\.\d+/.exec(execFileSync(program(tool), args, { encoding: 'utf8' }))?.[0] ?? '';
  return {
    ...{ folder: resolve(folder), program, env },
    versions: {
      kind: version('kind', 'version'),
      helm: version('helm', 'version'),
      kubectl: version('kubectl', 'version', '--client'),
      cilium: version('cilium', 'version', '--client'),
    },
  };
}

describe('a lab that lives, beside the same lab of the stand-ins', () => {
  if (folder === '')
    it.skip('CONTRACT_LAB names no folder of a deployed lab', () => {
      expect.unreachable();
    });
  else livingContract(livingLab);
});
