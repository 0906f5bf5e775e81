import { describe, expect, it } from 'vitest';
import { pool } from '../../../scripts/steps/pool.ts';
import type { Command } from '../../../scripts/tools/command.ts';
import { CommandError, type Outcome } from '../../../scripts/tools/command-error.ts';
import type { Lab } from '../../../lab/lab.ts';
import type { Observed } from '../../../scripts/observe/observed.ts';
import { allThere, articleLab, athens, desiredOf, livingCluster, livingRegion, makeWork } from '../fixtures.ts';
import { outcomeOf } from '../outcome.ts';

const hook = `Error from server (InternalError): error when creating "F": Internal error occurred: failed calling webhook "ipaddresspoolvalidationwebhook.metallb.io": failed to call webhook: Post "https://webhook-service.metallb-system.svc:443/validate-metallb-io-v1beta1-ipaddresspool?timeout=10s":`;

/** A kubectl that fails with each of these texts in turn, and then does as it is told. */
function kubectl(...failures: readonly string[]): { calls: string[]; attempt: (command: Command) => Promise<Outcome> } {
  const calls: string[] = [];
  return {
    calls,
    attempt: (command) => {
      const stderr = failures[calls.length];
      calls.push(command.args.slice(4).join(' '));
      return Promise.resolve(outcomeOf(command, stderr === undefined ? {} : { exitCode: 1, stderr }));
    },
  };
}

async function runPool(failures: readonly string[] = [], observed?: Observed, lab: Lab = articleLab()) {
  const { calls, attempt } = kubectl(...failures);
  const work = makeWork('/lab', { lab, attempt, ...(observed && { observed }) });
  const wanted = desiredOf(work.lab).get('region-athens');
  if (wanted === undefined) throw new Error('no region-athens');
  await pool.run?.(work, athens(), wanted);
  return { calls, told: work.told };
}

describe('giving a region its pool', () => {
  it('GIVEN a webhook that is up WHEN applied THEN once, the two files of dist/', async () => {
    expect((await runPool()).calls).toEqual([
      'apply --filename /lab/dist/region-athens/ipaddresspool.yaml --filename /lab/dist/region-athens/l2advertisement.yaml',
    ]);
  });

  it.each([
    'error: resource mapping not found for name: "default-pool" namespace: "" from "F": no matches for kind "CiliumLoadBalancerIPPool" in version "cilium.io/v2"\nensure CRDs are installed first',
    'error: resource mapping not found for name: "default" namespace: "" from "F": no matches for kind "CiliumL2AnnouncementPolicy" in version "cilium.io/v2alpha1"\nensure CRDs are installed first',
    'Error from server (NotFound): error when creating "F": the server could not find the requested resource (post ciliumloadbalancerippools.cilium.io)',
    'Error from server (BadRequest): error when creating "F": CiliumLoadBalancerIPPool in version "v2alpha1" cannot be handled as a CiliumLoadBalancerIPPool: strict decoding error: unknown field "spec.blocks"',
  ])(
    "GIVEN addresses of Cilium's WHEN its operator has not registered them yet THEN it is tried again: %s",
    async (text) => {
      const { calls, told } = await runPool([text], undefined, articleLab({ loadBalancer: 'cilium' }));
      const folder = '/lab/dist/region-athens';
      const files = `--filename ${folder}/ciliumloadbalancerippool.yaml --filename ${folder}/ciliuml2announcementpolicy.yaml`;

      expect(calls).toEqual(Array(2).fill(`apply ${files}`));
      expect(told).toEqual(["waiting up to 10 s for Cilium's CRDs: its operator has not registered them yet"]);
    },
  );

  it('GIVEN a pool that somebody changed WHEN applied THEN it is replaced too: apply keeps what is not in dist/', async () => {
    const changed = new Map([['IPAddressPool/default-pool', { addresses: ['172.19.255.1-172.19.255.100'], more: 1 }]]);
    const lab = articleLab();
    const cluster = livingCluster(lab, athens(), { poolObjects: changed });
    const observed = allThere(lab, { 'region-athens': livingRegion(lab, athens(), { cluster }) });
    const files =
      '--filename /lab/dist/region-athens/ipaddresspool.yaml --filename /lab/dist/region-athens/l2advertisement.yaml';

    expect((await runPool([], observed)).calls).toEqual([`apply ${files}`, `replace --save-config ${files}`]);
    expect((await runPool([`${hook} EOF`, `${hook} EOF`], observed)).calls).toEqual([
      ...[`apply ${files}`, `apply ${files}`, `apply ${files}`],
      `replace --save-config ${files}`,
    ]);
  });

  it('GIVEN an announcement that is missing WHEN applied THEN nothing is replaced', async () => {
    const lab = articleLab();
    const poolObjects = new Map([['IPAddressPool/default-pool', { addresses: ['172.19.255.1-172.19.255.100'] }]]);
    const cluster = livingCluster(lab, athens(), { poolObjects });
    const observed = allThere(lab, { 'region-athens': livingRegion(lab, athens(), { cluster }) });

    expect((await runPool([], observed)).calls.map((call) => call.split(' ')[0])).toEqual(['apply']);
  });

  it.each([
    `${hook} dial tcp 10.1.5.9:443: connect: connection refused`,
    `${hook} no endpoints available for service "webhook-service"`,
    `${hook} context deadline exceeded`,
    `${hook} dial tcp 10.1.5.9:443: connect: no route to host`,
    `${hook} Service Unavailable`,
    `${hook} x509: certificate signed by unknown authority`,
    `${hook} EOF`,
    `${hook} net/http: TLS handshake timeout`,
    `${hook} dial tcp 10.1.5.9:443: i/o timeout`,
    'error: resource mapping not found for name: "default-pool" namespace: "metallb-system" from "F": no matches for kind "IPAddressPool" in version "metallb.io/v1beta1"\nensure CRDs are installed first',
    'error: resource mapping not found for name: "default" namespace: "metallb-system" from "F": no matches for kind "L2Advertisement" in version "metallb.io/v1beta1"',
  ])(
    'GIVEN a webhook that is not up yet WHEN it says so THEN it is tried again, and it reads as the normal wait that it is: %s',
    async (text) => {
      const { calls, told } = await runPool([text, text]);

      expect(calls).toHaveLength(3);
      expect(told).toEqual(Array(2).fill("waiting up to 10 s for MetalLB's webhook: not up yet"));
    },
  );

  it.each([
    'admission webhook "ipaddresspoolvalidationwebhook.metallb.io" denied the request: CIDR "172.18.255.50/31" in pool "bad" overlaps with already defined CIDR "172.18.255.32/27"',
    'The connection to the server 127.0.0.1:33315 was refused - did you specify the right host or port?',
    'error: resource mapping not found for name: "x" from "F": no matches for kind "Pool" in version "v1"',
  ])('GIVEN any other failure WHEN applied THEN it is one, at once: %s', async (text) => {
    const { calls, attempt } = kubectl(text);
    const work = makeWork('/lab', { attempt });
    const wanted = desiredOf(work.lab).get('region-athens');
    if (wanted === undefined) throw new Error('no region-athens');

    await expect(pool.run?.(work, athens(), wanted)).rejects.toThrow(CommandError);
    expect(calls).toHaveLength(1);
  });
});
