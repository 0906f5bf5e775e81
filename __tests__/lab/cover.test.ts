import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IpRange, Ipv4 } from '../../lab/cidr.ts';
import { coverOf } from '../../lab/cover.ts';

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const range = fc
  .oneof(
    fc.tuple(address, address),
    fc.tuple(address, fc.integer({ min: 0, max: 300 })).map(([a, b]) => [a, Math.min(a + b, 2 ** 32 - 1)]),
  )
  .map(([a = 0, b = 0]) => IpRange.of(Ipv4.of(Math.min(a, b)), Ipv4.of(Math.max(a, b))));

describe('the subnets of a range', () => {
  it.each([
    ['172.19.255.1-172.19.255.2', ['172.19.255.1/32', '172.19.255.2/32']],
    ['10.0.0.0-10.0.255.255', ['10.0.0.0/16']],
    ['0.0.0.0-255.255.255.255', ['0.0.0.0/0']],
    ['255.255.255.255-255.255.255.255', ['255.255.255.255/32']],
  ])('%s', (text, subnets) => {
    expect(coverOf(IpRange.parse(text)).map(String)).toEqual(subnets);
  });

  it('GIVEN any range THEN they lie side by side from its first to its last address', () => {
    fc.assert(
      fc.property(range, ({ first, last }) => {
        let next = first.value;
        for (const cidr of coverOf({ first, last })) {
          expect(cidr.first.value).toBe(next);
          next = cidr.last.value + 1;
        }
        expect(next).toBe(last.value + 1);
      }),
    );
  });

  it('GIVEN any range THEN no two of them are one', () => {
    fc.assert(
      fc.property(range, (span) => {
        const cidrs = coverOf(span);
        const twins = cidrs.filter((cidr, index) => {
          const next = cidrs[index + 1];
          return next?.prefix === cidr.prefix && cidr.first.value % (2 * cidr.size) === 0;
        });
        expect(twins).toEqual([]);
      }),
    );
  });
});
