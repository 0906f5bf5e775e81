import { describe, expect, it } from 'vitest';
import { KindCluster } from '../../constructs/kind-cluster.ts';
import { athens } from './article-lab.ts';
import { yamlOf } from './yaml.ts';

describe('KindCluster', () => {
  it("GIVEN the article's region THEN it is the article's kind.yaml with the node image pinned", async () => {
    await expect(yamlOf((chart) => new KindCluster(chart, 'cluster', athens()))).toMatchFileSnapshot(
      'golden/kind-cluster.yaml',
    );
  });

  it('GIVEN three control planes and no worker THEN there are three control-plane nodes, each of the node image', async () => {
    const region = athens({ controlPlanes: 3, workers: 0, nodeImage: 'kindest/node:v1.27.3' });

    await expect(yamlOf((chart) => new KindCluster(chart, 'cluster', region))).toMatchFileSnapshot(
      'golden/kind-cluster-control-planes.yaml',
    );
  });
});
