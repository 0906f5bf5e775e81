import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atTheBench, createAthens, installCilium, kube, type Run, write } from './at-the-bench.ts';
import { type Bench, createBench } from './lab-bench.ts';

let bench: Bench;
let run: Run;
const apply = (name: string, text: string) =>
  run(`kubectl ${kube('region-athens')} apply --filename ${write(bench, name, text)}`);
const pool = (version: string, spec: string): string =>
  `apiVersion: cilium.io/${version}\nkind: CiliumLoadBalancerIPPool\nmetadata: { name: default-pool }\nspec: ${spec}\n`;
const cidrs = '{ cidrs: [{ cidr: 172.19.255.0/26 }] }';

beforeAll(() => {
  bench = createBench();
  run = atTheBench(bench);
  createAthens(bench, run);
});
afterAll(() => {
  bench.dispose();
});

describe("a cluster and the kinds of Cilium's address pools", () => {
  it('GIVEN no Cilium, or one whose operator has just begun THEN there are none', () => {
    const none =
      'error: resource mapping not found for name: "default-pool" namespace: "" from "pool.yaml": no matches for kind "CiliumLoadBalancerIPPool" in version "cilium.io/v2alpha1"\nensure CRDs are installed first\n';

    expect(apply('pool.yaml', pool('v2alpha1', cidrs))).toMatchObject({ exit: 1, stderr: none });
    installCilium(bench, run);
    expect(apply('pool.yaml', pool('v2alpha1', cidrs))).toMatchObject({ exit: 1, stderr: none });
  });

  it('GIVEN Cilium 1.14 THEN it takes CIDRs in v2alpha1, and neither ranges, nor v2, nor a pool of nothing', () => {
    run(`cilium status --context kind-region-athens --wait`, { KUBECONFIG: 'region-athens.kc' });
    const blocks = '{ blocks: [{ start: 172.19.255.1, stop: 172.19.255.9 }] }';

    expect(apply('v2.yaml', pool('v2', cidrs)).stderr).toContain(
      'no matches for kind "CiliumLoadBalancerIPPool" in version "cilium.io/v2"\n',
    );
    expect(apply('blocks.yaml', pool('v2alpha1', blocks)).stderr).toBe(
      'Error from server (BadRequest): error when creating "blocks.yaml": CiliumLoadBalancerIPPool in version "v2alpha1" cannot be handled as a CiliumLoadBalancerIPPool: strict decoding error: unknown field "spec.blocks"\n',
    );
    expect(apply('empty.yaml', pool('v2alpha1', '{}')).stderr).toBe(
      'The CiliumLoadBalancerIPPool "default-pool" is invalid: spec.cidrs: Required value\n',
    );
    expect(apply('pool.yaml', pool('v2alpha1', cidrs))).toMatchObject({
      exit: 0,
      stdout: 'ciliumloadbalancerippool.cilium.io/default-pool created\n',
    });
  });

  it('GIVEN the pool THEN Hubble UI has an address of it, and not the lowest unless it asks', () => {
    run(`kubectl ${kube('region-athens')} get nodes`);

    expect(bench.state().clusters['region-athens']?.addresses).toEqual({ 'kube-system/hubble-ui': '172.19.255.62' });
  });
});
