import { describe, expect, it } from 'vitest';
import { AddressPool, PoolAdvertisement } from '../../constructs/address-pool.ts';
import { athens } from './article-lab.ts';
import { yamlOf } from './yaml.ts';

describe('AddressPool', () => {
  it("GIVEN a region's range THEN it is the article's IPAddressPool", async () => {
    await expect(yamlOf((chart) => new AddressPool(chart, 'pool', { range: athens().pool }))).toMatchFileSnapshot(
      'golden/ipaddresspool.yaml',
    );
  });
});

describe('PoolAdvertisement', () => {
  it("GIVEN a pool's name THEN it is the article's L2Advertisement of that pool alone", async () => {
    await expect(
      yamlOf((chart) => new PoolAdvertisement(chart, 'advertisement', { pool: 'default-pool' })),
    ).toMatchFileSnapshot('golden/l2advertisement.yaml');
  });
});
