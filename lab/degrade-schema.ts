import { z } from 'zod';
import { duration, perCent, profileName, rate } from './text.ts';

const impairment = z
  .strictObject({
    between: z
      .array(z.string())
      .meta({ minItems: 2, maxItems: 2 })
      .refine(({ length }) => length === 2, 'is no pair. Name two regions: [region-a, region-b].')
      .describe('Two regions'),
    delay: duration
      .describe('By which each packet is late, each way, as 40ms: a round trip takes twice as much more')
      .optional(),
    jitter: duration.describe('By which the delay is more or less, each way, as 4ms').optional(),
    loss: perCent.describe('Part of the packets that are lost, each way, as 0.1%').optional(),
    rate: rate.describe('What gets through in a second, each way, as 500kbit, 100mbit or 1gbit').optional(),
  })
  .describe('The network between two regions: at least one of delay, loss and rate');

/** `degrade:` of lab.yaml, by profile. */
export const profiles = z
  .record(profileName, z.array(impairment).min(1))
  .default({})
  .describe('Worse networks between regions, by name: `npm run degrade -- on NAME` puts one on');
