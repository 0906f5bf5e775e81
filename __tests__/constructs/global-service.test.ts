import { App, Yaml } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { GlobalService, type GlobalServiceProps } from '../../constructs/global-service.ts';

function yamlOf(props: GlobalServiceProps): string {
  return Yaml.stringify(...(new GlobalService(new App(), props.region, props).toJson() as readonly unknown[]));
}

describe('GlobalService', () => {
  it("GIVEN a region THEN a global Service leads to two pods whose host name is the region's", async () => {
    await expect(yamlOf({ region: 'region-athens' })).toMatchFileSnapshot('golden/global-service.yaml');
  });

  it('GIVEN an image of your own THEN the pods run it', () => {
    const yaml = yamlOf({ region: 'region-athens', image: 'registry.example/hello:1' });

    expect(yaml).toContain('image: registry.example/hello:1\n');
    expect(yaml).not.toContain('json-mock');
  });
});
