import { describe, expect, it } from 'vitest';
import { startedAt } from '../../../scripts/tools/process-start.ts';

describe('when a process started', () => {
  it('GIVEN this process WHEN asked THEN the time of its start, to the second', () => {
    const expected = Date.now() - process.uptime() * 1000;

    expect(Math.abs((startedAt(process.pid) ?? 0) - expected)).toBeLessThan(2500);
  });

  it('GIVEN a number beyond all processes WHEN asked THEN none', () => {
    expect(startedAt(2 ** 22 + 1)).toBeUndefined();
  });
});
