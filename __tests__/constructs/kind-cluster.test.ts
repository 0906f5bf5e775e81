import { describe, expect, it } from 'vitest';
import { KindCluster } from '../../constructs/kind-cluster.ts';
import { athens } from './article-lab.ts';
import { yamlOf } from './yaml.ts';

describe('KindCluster', () => {
  it("GIVEN the article's region, not tuned, THEN it is the article's kind.yaml with the node image pinned", async () => {
    const props = { ...athens(), tuned: false, hostsFolder: undefined };

    await expect(yamlOf((chart) => new KindCluster(chart, 'cluster', props))).toMatchFileSnapshot(
      'golden/kind-cluster.yaml',
    );
  });

  it('GIVEN it is tuned THEN etcd does not wait for the disk, and what is alone elects no leader', async () => {
    const props = { ...athens(), tuned: true, hostsFolder: undefined };

    await expect(yamlOf((chart) => new KindCluster(chart, 'cluster', props))).toMatchFileSnapshot(
      'golden/kind-cluster-tuned.yaml',
    );
  });

  it('GIVEN three control planes and no worker THEN there are three control-plane nodes, each of the node image, which elect leaders', async () => {
    const region = {
      ...athens({ controlPlanes: 3, workers: 0, nodeImage: 'kindest/node:v1.27.3' }),
      tuned: true,
      hostsFolder: undefined,
    };

    await expect(yamlOf((chart) => new KindCluster(chart, 'cluster', region))).toMatchFileSnapshot(
      'golden/kind-cluster-control-planes.yaml',
    );
  });
});
