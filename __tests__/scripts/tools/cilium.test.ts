import { delimiter } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as cilium from '../../../scripts/tools/cilium.ts';

const athens = { kubeconfig: '/lab/region-athens', context: 'kind-region-athens' };
const hurup = { kubeconfig: '/lab/region-hurup', context: 'kind-region-hurup' };
const third = { kubeconfig: '/lab/region-third', context: 'kind-region-third' };
const test = {
  junit: 'a--b.xml',
  properties: { mesh: 'u1@3+u2@3' },
  only: ['no-policies/pod-to-pod', '!/pod-to-world'],
};

describe('calls of cilium', () => {
  it.each([
    {
      command: cilium.status(athens, 900),
      kubeconfigs: [athens],
      line: 'status --context kind-region-athens --wait --wait-duration 900s',
    },
    {
      command: cilium.meshEnable(athens),
      kubeconfigs: [athens],
      line: 'clustermesh enable --context kind-region-athens --service-type LoadBalancer',
    },
    {
      command: cilium.meshEnable(athens, true),
      kubeconfigs: [athens],
      line: 'clustermesh enable --context kind-region-athens --service-type LoadBalancer --enable-kvstoremesh',
    },
    {
      command: cilium.meshStatus(athens, 60),
      kubeconfigs: [athens],
      line: 'clustermesh status --context kind-region-athens --wait --wait-duration 60s',
    },
    {
      command: cilium.meshStatusJson(athens),
      kubeconfigs: [athens],
      line: 'clustermesh status --context kind-region-athens --output json',
    },
    {
      command: cilium.meshConnect(athens, [hurup]),
      kubeconfigs: [athens, hurup],
      line: 'clustermesh connect --context kind-region-athens --destination-context kind-region-hurup',
    },
    {
      command: cilium.meshConnect(athens, [hurup, third]),
      kubeconfigs: [athens, hurup, third],
      line: 'clustermesh connect --context kind-region-athens --destination-context kind-region-hurup,kind-region-third --parallel 2',
    },
    {
      command: cilium.meshConnectAll([athens, hurup, third]),
      kubeconfigs: [athens, hurup, third],
      line: 'clustermesh connect --context kind-region-athens --connection-mode mesh --destination-context kind-region-hurup,kind-region-third --parallel 3',
    },
    {
      command: cilium.connectivityTest(athens, hurup, test),
      kubeconfigs: [athens, hurup],
      line: 'connectivity test --context kind-region-athens --multi-cluster kind-region-hurup --junit-file a--b.xml --junit-property mesh=u1@3+u2@3 --test no-policies/pod-to-pod --test !/pod-to-world',
    },
  ])('GIVEN the clusters in $KUBECONFIG alone WHEN called THEN cilium $line', ({ command, kubeconfigs, line }) => {
    expect(command.program).toBe('cilium');
    expect(command.args.join(' ')).toBe(line);
    expect(command.env).toEqual({ KUBECONFIG: kubeconfigs.map(({ kubeconfig }) => kubeconfig).join(delimiter) });
  });

  it('GIVEN a remote region that is named as what every object has THEN it is not connected until it is', () => {
    const status = (clusters: string) =>
      cilium.parseMeshStatus(`{"connectivity":{"total":2,"clusters":{${clusters}}}}`);
    expect(status('')?.connected.constructor).toBeUndefined();
    expect(status('"constructor":{"connected":2}')?.connected.constructor).toBe(2);
  });

  it('GIVEN the status that holds a private key WHEN asked for THEN that call alone is secret', () => {
    expect(cilium.meshStatusJson(athens).secret).toBe(true);
    expect(cilium.meshStatus(athens, 60).secret).toBeUndefined();
  });
});

/** `clustermesh status --output json` of a real lab (CLI v0.16.20): text first, JSON after it, on one stream. */
const realStatus = `✅ Service "clustermesh-apiserver" of type "LoadBalancer" found
✅ Cluster access information is available:
  - 172.18.255.2:2379
✅ Deployment clustermesh-apiserver is ready
ℹ️  KVStoreMesh is disabled
{
 "access_information": {
  "service_type": "LoadBalancer",
  "service_ips": [
   "172.18.255.2"
  ],
  "service_port": 2379,
  "cluster_id": "1",
  "cluster_name": "region-athens",
  "ca": "LS0tY2E=",
  "client_cert": "LS0tY2VydA==",
  "client_key": "LS0ta2V5",
  "tunnel": "vxlan",
  "max_connected_clusters": 255
 },
 "connectivity": {
  "connected": { "min": 1, "avg": 1, "max": 1 },
  "clusters": {
   "region-hurup": {
    "configured": 2,
    "connected": 2
   }
  },
  "total": 2
 },
 "kvstoremesh": {
  "enabled": false
 }
}
`;

describe("what one region's agents know of the mesh", () => {
  it('GIVEN the answer of a real lab WHEN read THEN address and connections, and none of its keys', () => {
    const status = cilium.parseMeshStatus(realStatus);

    expect(status).toEqual({ address: '172.18.255.2', total: 2, connected: { 'region-hurup': 2 } });
    expect(JSON.stringify(status)).not.toMatch(/LS0t|client_key/);
  });

  it.each([
    {
      what: 'no address yet',
      json: '{"access_information":{"service_ips":null},"connectivity":{"total":2,"clusters":null}}',
      total: 2,
    },
    { what: 'an API server that is not there', json: '{"access_information":null,"connectivity":null}', total: 0 },
    { what: 'an empty object', json: '{}', total: 0 },
  ])('GIVEN $what WHEN read THEN nothing is connected', ({ json, total }) => {
    expect(cilium.parseMeshStatus(`⌛ Waiting\n${json}\n`)).toEqual({ address: undefined, total, connected: {} });
  });

  it('GIVEN agents that restart WHEN read THEN no status', () => {
    const text = '⚠️  unable to determine status of pod "cilium-x": dial unix {/var/run/cilium/cilium.sock}\n';

    expect(cilium.parseMeshStatus(text)).toBeUndefined();
    expect(cilium.parseMeshStatus('')).toBeUndefined();
  });
});

describe('tests that really ran', () => {
  it.each([
    { text: '✅ All 0 tests (0 actions) successful, 66 tests skipped, 0 scenarios skipped.', count: 0 },
    { text: '✅ All 1 tests (4 actions) successful, 65 tests skipped, 1 scenarios skipped.', count: 1 },
    { text: '✅ All 1 test (1 action) successful', count: 1 },
    {
      text: '🔌 [=] Test [no-policies]\n..\n✅ [cilium-test-1] All 42 tests (295 actions) successful, 1 tests skipped',
      count: 42,
    },
    { text: '❌ 1/2 tests failed (3/90 actions), 0 tests skipped, 0 scenarios skipped:', count: 0 },
    { text: '', count: 0 },
  ])('GIVEN "$text" WHEN counted THEN $count', ({ text, count }) => {
    expect(cilium.parseTestCount(text)).toBe(count);
  });
});
