import { describe, expect, it } from 'vitest';
import { findTaken } from '../../../scripts/plan/subnet.ts';
import type { DockerNetwork } from '../../../scripts/tools/docker.ts';
import { articleLab, labNetwork } from '../fixtures.ts';

const lab = articleLab();
const network = (name: string, ...subnets: string[]): DockerNetwork => ({
  name,
  subnets,
  ipRange: undefined,
  mtu: undefined,
  lab: undefined,
  owner: undefined,
  containers: [],
});
const route = (subnet: string, device: string) => ({ subnet, device });
const taken = (networks: readonly DockerNetwork[], routes: readonly ReturnType<typeof route>[] = []) => {
  const answer = findTaken(lab, { networks, routes });
  return answer && { taker: answer.taker, free: answer.free?.toString() };
};

describe('is network.subnet free on this machine', () => {
  it.each([
    { given: 'an empty machine', networks: [], routes: [] },
    {
      given: 'networks and routes elsewhere',
      networks: [network('bridge', '172.17.0.0/16')],
      routes: [route('192.168.1.0/24', 'eth0')],
    },
    { given: 'a network without IPv4', networks: [network('none')], routes: [] },
    {
      given: "the lab's own network and its bridge",
      networks: [labNetwork(lab)],
      routes: [route('172.19.0.0/16', 'br-1')],
    },
  ])('GIVEN $given WHEN asked THEN it is free', ({ networks, routes }) => {
    expect(taken(networks, routes)).toBeUndefined();
  });

  it('GIVEN another docker network on it WHEN asked THEN its name, rather than its bridge, and the highest free subnet', () => {
    expect(taken([network('kind', '172.19.0.0/16')], [route('172.19.0.0/16', 'br-0af3')])).toEqual({
      taker: 'the docker network kind (172.19.0.0/16)',
      free: '172.31.0.0/16',
    });
  });

  it('GIVEN a VPN that holds a part of it WHEN asked THEN the route and its device', () => {
    expect(taken([], [route('172.19.128.0/17', 'tun0')])).toEqual({
      taker: 'a route of this machine (172.19.128.0/17 by tun0)',
      free: '172.31.0.0/16',
    });
  });

  it('GIVEN a VPN that holds all of 172.16.0.0/12 WHEN asked THEN the next private space', () => {
    expect(taken([], [route('172.16.0.0/12', 'tun0')])?.free).toBe('192.168.0.0/16');
  });

  it('GIVEN no private space but that of the pods WHEN asked THEN nothing is free', () => {
    expect(taken([], [route('172.16.0.0/12', 'tun0'), route('192.168.0.0/16', 'eth0')])).toEqual({
      taker: 'a route of this machine (172.16.0.0/12 by tun0)',
      free: undefined,
    });
  });

  it('GIVEN a network that was made with host bits, as Docker allows WHEN asked THEN the subnet around them counts', () => {
    expect(taken([network('odd', '172.19.7.5/24')])).toEqual({
      taker: 'the docker network odd (172.19.7.5/24)',
      free: '172.31.0.0/16',
    });
  });
});
