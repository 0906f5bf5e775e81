import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cidr, Ipv4 } from '../../../lab/cidr.ts';
import { lowestFree } from '../../../scripts/steps/node-addresses.ts';

const network = {
  name: 'clustermesh-lab',
  subnet: Cidr.parse('172.19.0.0/24'),
  gateway: Ipv4.parse('172.19.0.1'),
  nodeRange: Cidr.parse('172.19.0.0/25'),
};

describe('the lowest free addresses', () => {
  it('GIVEN an empty network THEN those after the gateway', () => {
    expect(lowestFree(network, new Set(), 3)).toEqual(['172.19.0.2', '172.19.0.3', '172.19.0.4']);
  });

  it('GIVEN some that are taken THEN those between', () => {
    expect(lowestFree(network, new Set(['172.19.0.2', '172.19.0.4']), 3)).toEqual([
      ...['172.19.0.3', '172.19.0.5', '172.19.0.6'],
    ]);
  });

  it('GIVEN any that are taken THEN those given are in the range, free, different, and as many as there are', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 127 })),
        fc.integer({ min: 1, max: 140 }),
        (hosts, count) => {
          const taken = new Set(hosts.map((host) => `172.19.0.${host}`));
          const given = lowestFree(network, taken, count);
          const left = 126 - hosts.filter((host) => host > 1).length;
          expect(given).toHaveLength(Math.min(count, left));
          expect(new Set(given).size).toBe(given.length);
          for (const address of given) {
            expect(taken.has(address)).toBe(false);
            expect(Number(address.split('.')[3])).toBeGreaterThan(1);
            expect(Number(address.split('.')[3])).toBeLessThan(128);
          }
        },
      ),
    );
  });
});
