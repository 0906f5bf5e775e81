import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { profiled } from '../../../scripts/bench/profile.ts';

it.skipIf(!existsSync('/proc/stat'))(
  'GIVEN a program that keeps a core busy WHEN it is looked at THEN it is named, with the seconds that it had',
  async () => {
    const spin = 'const end = Date.now() + 2500; while (Date.now() < end);';
    const { result, profile } = await profiled(async () => {
      const { exitCode } = await execa(process.execPath, [
        '--title=spinning',
        '-e',
        `process.title = 'spinning'; ${spin}`,
      ]);
      return exitCode;
    });

    expect(result).toBe(0);
    const had = new Map(profile?.programs).get('spinning') ?? 0;
    expect(had).toBeGreaterThan(0.3);
    expect(had).toBeLessThan(4);
    expect(profile?.busy).toBeGreaterThanOrEqual(had);
    expect(profile?.memory).toBeGreaterThanOrEqual(0);
    expect(profile?.memory).toBeLessThan(totalmem());
  },
);
