import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBE_SERVICE, PROBES } from '../../lab/probes.ts';
import type { RealLab, Watch } from './real-lab.ts';

const [athens, hurup] = ['e2e-athens', 'e2e-hurup'] as const;
const regions = [athens, hurup];
const system = ['--namespace', 'kube-system'];

/** What is brought about on a living mesh, how it is undone, and the cause that `verify` must tell. */
interface WrongThing {
  readonly given: string;
  readonly bring: (lab: RealLab) => Promise<unknown>;
  readonly undo: (lab: RealLab) => Promise<unknown>;
  readonly cause: RegExp;
}

const scale = (lab: RealLab, deployment: string, replicas: number): Promise<string> =>
  lab.kubectl(athens, ...system, 'scale', `deployment/${deployment}`, `--replicas=${replicas}`);

/** The address of a node on the docker network of the lab. */
const addressOf = (lab: RealLab, node: string): Promise<string> =>
  lab.docker('inspect', node, '--format', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}');

/** A worker of the one region drops, or drops no more, what comes by VXLAN from a worker of the other. */
async function dropping(lab: RealLab, change: '-I' | '-D'): Promise<void> {
  const from = await addressOf(lab, `${hurup}-worker`);
  const rule = ['INPUT', '-p', 'udp', '--dport', '8472', '-s', from, '-j', 'DROP'];
  await lab.docker('exec', `${athens}-worker`, 'iptables', change, ...rule);
}

const mtu = (lab: RealLab, bytes: number): Promise<string> =>
  lab.docker('exec', `${hurup}-worker`, 'ip', 'link', 'set', 'eth0', 'mtu', String(bytes));

let secret: string;

const shut = JSON.stringify({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'shut', namespace: PROBES },
  spec: {
    endpointSelector: {},
    ingressDeny: [{ fromEndpoints: [{ matchLabels: { 'io.cilium.k8s.policy.cluster': hurup } }] }],
  },
});

const things: readonly WrongThing[] = [
  {
    given: 'the Secret of a link deleted',
    bring: async (lab) => {
      const get = ['get', 'secret/cilium-clustermesh', '--output=json'];
      const { data, type, metadata } = JSON.parse(await lab.kubectl(athens, ...system, ...get)) as Secret;
      const { name, namespace, labels, annotations } = metadata;
      const kept = { name, namespace, labels, annotations };
      secret = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', type, metadata: kept, data });
      await lab.kubectl(athens, ...system, 'delete', 'secret/cilium-clustermesh');
    },
    undo: (lab) => lab.apply(athens, secret),
    cause:
      /^link down: the Secret kube-system\/cilium-clustermesh of e2e-athens is gone, so its agents do not connect$/,
  },
  {
    given: 'the ClusterMesh API server scaled to 0',
    bring: (lab) => scale(lab, 'clustermesh-apiserver', 0),
    undo: (lab) => scale(lab, 'clustermesh-apiserver', 1),
    cause: /^link down: the ClusterMesh API server of e2e-athens has 0\/0 pods ready$/,
  },
  {
    given: 'a Service that is not global on one side',
    bring: (lab) =>
      lab.kubectl(hurup, '--namespace', PROBES, 'annotate', `service/${PROBE_SERVICE}`, 'service.cilium.io/global-'),
    undo: (lab) =>
      lab.kubectl(
        hurup,
        '--namespace',
        PROBES,
        'annotate',
        `service/${PROBE_SERVICE}`,
        'service.cilium.io/global=true',
      ),
    cause: /^service not global there: clustermesh-lab-probes\/probe of e2e-hurup is not global$/,
  },
  {
    given: 'a policy that shuts a region out',
    bring: (lab) => lab.apply(athens, shut),
    undo: (lab) => lab.kubectl(athens, '--namespace', PROBES, 'delete', 'ciliumnetworkpolicy/shut'),
    cause: /^policy: ciliumnetworkpolicy clustermesh-lab-probes\/shut in e2e-athens$/,
  },
  {
    given: 'CoreDNS at 0',
    bring: (lab) => scale(lab, 'coredns', 0),
    undo: (lab) => scale(lab, 'coredns', 2),
    cause: /^DNS: CoreDNS of e2e-athens has 0\/0 pods ready$/,
  },
  {
    given: 'a node whose interface has a small MTU',
    bring: (lab) => mtu(lab, 1300),
    undo: (lab) => mtu(lab, 1500),
    cause: /^MTU: eth0 of e2e-hurup-worker has 1300, other nodes 1500$/,
  },
  {
    given: 'iptables dropping VXLAN between two nodes',
    bring: (lab) => dropping(lab, '-I'),
    undo: (lab) => dropping(lab, '-D'),
    cause: /^the way from e2e-\w+-worker to e2e-\w+-worker alone is broken, though the link stands: VXLAN \(UDP 8472\)/,
  },
];

interface Secret {
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** Each wrong thing is brought about on a real mesh of these two regions, and must be told as what it is. */
export function wrongThings(lab: RealLab): void {
  describe('in which something goes wrong', () => {
    let watch: Watch;

    beforeAll(async () => {
      watch = lab.watch();
      await watch.untilWhole();
    });

    afterAll(async () => {
      await watch.stop();
    });

    it.each(things)('GIVEN $given WHEN verified THEN it is told as that', async ({ bring, undo, cause }) => {
      await bring(lab);
      try {
        await watch.untilTold(cause);
      } finally {
        await undo(lab);
      }
      await watch.untilWhole();
    });

    it('WHEN the watch is stopped THEN no probe is left', async () => {
      await watch.stop();

      for (const region of regions)
        await expect
          .poll(() => lab.kubectl(region, 'get', 'namespace', PROBES, '--ignore-not-found'), { timeout: 60_000 })
          .toBe('');
    });

    it('GIVEN the values of the mesh removed by a plain helm upgrade WHEN verified THEN it is told, AND a deploy puts them back', async () => {
      await lab.upgradePlainly(athens);

      await expect
        .poll(() => lab.causes(), { timeout: 240_000 })
        .toEqual(
          expect.arrayContaining([
            expect.stringMatching(
              /^link down: the Secret kube-system\/cilium-clustermesh of e2e-athens (is gone|has no entry for e2e-hurup)/,
            ),
          ]),
        );

      expect(await lab.deploy('--skip-test')).toContain('connect');
      expect(await lab.causes()).toEqual([]);
    });
  });
}
