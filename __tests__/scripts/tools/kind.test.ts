import { describe, expect, it } from 'vitest';
import * as kind from '../../../scripts/tools/kind.ts';

const athens = { name: 'region-athens', kubeconfig: '/lab/kubeconfig/region-athens' };

describe('calls of kind', () => {
  it('GIVEN a region WHEN its cluster is created THEN its own kubeconfig, and kind is pointed at the network of the lab', () => {
    expect(kind.createCluster(athens, '/lab/dist/kind.yaml', 'clustermesh-lab')).toEqual({
      program: 'kind',
      args: [
        ...['create', 'cluster', '--name', 'region-athens', '--config', '/lab/dist/kind.yaml'],
        ...['--kubeconfig', '/lab/kubeconfig/region-athens', '--retain'],
      ],
      env: { KIND_EXPERIMENTAL_DOCKER_NETWORK: 'clustermesh-lab' },
    });
  });

  it.each([
    {
      command: kind.exportKubeconfig(athens),
      args: ['export', 'kubeconfig', '--name', 'region-athens', '--kubeconfig', '/lab/kubeconfig/region-athens'],
    },
    {
      command: kind.loadArchive('region-athens', ['n1', 'n2'], 'a.tar'),
      args: ['load', 'image-archive', 'a.tar', '--name', 'region-athens', '--nodes', 'n1,n2'],
    },
    {
      command: kind.deleteCluster(athens),
      args: ['delete', 'cluster', '--name', 'region-athens', '--kubeconfig', '/lab/kubeconfig/region-athens'],
    },
  ])('kind $args', ({ command, args }) => {
    expect(command).toEqual({ program: 'kind', args });
  });
});
