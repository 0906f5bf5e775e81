import { z } from 'zod';
import { faultNames } from './failover.ts';
import { duration, perCent } from './text.ts';

const limits = z
  .strictObject({
    maxGap: duration.describe('Longest time without an answer, as 500ms, 5s or 1m').optional(),
    maxFailed: perCent
      .describe('Part of the requests that may fail, from the start of the fault on, as 0.1%')
      .optional(),
  })
  .describe('What each client may see, in each run');

/** `expect:` of lab.yaml, by fault. */
export const expected = z
  .partialRecord(z.enum(faultNames), limits)
  .default({})
  .describe('What `npm run failover` may cost, by fault: where it costs more, it ends with exit code 1');
