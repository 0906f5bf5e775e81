import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509CertificateGenerator, BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension } from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { synthesize } from '../constructs/lab-app.ts';
import { chartKeys } from '../lab/chart.ts';
import { type KeyTree, unknownValues } from '../lab/chart-keys.ts';
import type { Lab, Region, Values } from '../lab/lab.ts';
import { stacks } from '../lab/stacks.ts';
import { parseWorkloads } from '../scripts/tools/helm.ts';
import { articleLab, switched } from './constructs/article-lab.ts';

// The synthesized values against real Helm and the released charts: what a value means is what the chart renders from it.
// They are no part of the project, so the tests run where LAB_KIT names a folder that has them.
const kit = process.env.LAB_KIT;
const helm = join(kit ?? '', 'real-tools/bin/helm');

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly type?: string;
    readonly replicas?: number;
    readonly template?: {
      readonly spec: {
        readonly containers: readonly { readonly name: string; readonly image: string }[];
        readonly volumes?: readonly { readonly secret?: { readonly secretName?: string } }[];
      };
    };
  };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'helm-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.each(Object.values(stacks))('the chart of the stack $name', (stack) => {
  const chart = join(kit ?? '', `real-node/charts/cilium-${stack.versions.cilium}.tgz`);
  const missing = [helm, chart].filter((file) => kit === undefined || !existsSync(file));
  const why = kit === undefined ? 'LAB_KIT is not set' : `no ${missing.join(' and no ')}`;
  const preloads = (preload: Region['preload']): Region[] =>
    articleLab().regions.map((region) => ({ ...region, preload }));
  const lab = articleLab({ stack, regions: preloads({ images: [], withoutAgent: 'sources.images.by is nodes' }) });

  /** Renders region-hurup of a lab. */
  function template(of: Lab, more: object = {}): string {
    const [values, added] = [join(folder, 'values.yaml'), join(folder, 'more.yaml')];
    writeFileSync(values, synthesize(of).get('region-hurup/cilium-values.yaml') ?? '');
    writeFileSync(added, stringify(more));
    const args = ['template', 'cilium', chart, '--namespace', 'kube-system', '-f', values, '-f', added];
    return execFileSync(helm, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  }

  /** The rendered objects by `Kind/name`. */
  function render(of: Lab, more: object = {}): ReadonlyMap<string, Rendered> {
    const objects = parseAllDocuments(template(of, more)).map((document) => document.toJS() as Rendered | null);
    return new Map(objects.filter((object) => object !== null).map((it) => [`${it.kind}/${it.metadata.name}`, it]));
  }

  describe.skipIf(missing.length > 0)(missing.length > 0 ? `(skipped: ${why})` : 'rendered by real Helm', () => {
    it('GIVEN the lab of the article THEN Cilium is told its name, id, addresses and to replace kube-proxy', () => {
      const objects = render(lab);

      expect(objects.get('ConfigMap/cilium-config')?.data).toMatchObject({
        'cluster-name': 'region-hurup',
        'cluster-id': '2',
        'kube-proxy-replacement': String(stack.kubeProxyReplacement),
        'ipv4-native-routing-cidr': '10.0.0.0/8',
        ipam: 'kubernetes',
      });
      expect(objects.get('Service/hubble-ui')?.spec?.type).toBe('LoadBalancer');
      expect(objects.has('Deployment/hubble-relay')).toBe(true);
      expect(objects.has('Deployment/clustermesh-apiserver')).toBe(false);
    });

    it('GIVEN tuning THEN one operator and no nodeinit; GIVEN none THEN both as in the article', () => {
      const [tuned, asItIs] = [true, false].map((on) => render({ ...lab, switches: { ...lab.switches, tuned: on } }));
      const found = (objects?: ReadonlyMap<string, Rendered>) => [
        objects?.get('Deployment/cilium-operator')?.spec?.replicas,
        objects?.has('DaemonSet/cilium-node-init'),
      ];

      expect([found(tuned), found(asItIs)]).toEqual([
        [1, false],
        [2, true],
      ]);
    });

    it("GIVEN addresses of Cilium's THEN agents announce them, and both Services ask for theirs", () => {
      const objects = render({ ...lab, loadBalancer: 'cilium', meshMethod: 'install' });
      const { addressAnnotation } = stack.lbIpam;
      const asked = (service: string) => objects.get(`Service/${service}`)?.metadata.annotations?.[addressAnnotation];

      expect(objects.get('ConfigMap/cilium-config')?.data).toMatchObject({
        'enable-l2-announcements': 'true',
        'k8s-client-qps': '50',
        'k8s-client-burst': '100',
      });
      expect([asked('hubble-ui'), asked('clustermesh-apiserver')]).toEqual(['172.19.255.101', '172.19.255.102']);
    });

    it('GIVEN nothing preloaded THEN the agent is asked for by digest; GIVEN its image preloaded THEN by tag alone', () => {
      const image = `quay.io/cilium/cilium:v${stack.versions.cilium}`;
      const preloading = { ...lab, regions: preloads({ images: [{ name: image, reference: image }] }) };

      expect(agentImage(render(lab))).toMatch(new RegExp(`^${image}@sha256:[0-9a-f]{64}$`));
      expect(agentImage(render(preloading))).toBe(image);
    });

    it('GIVEN a mesh THEN every workload of the release is known, Envoy of its own and nodeinit too', () => {
      const text = template({ ...lab, meshMethod: 'install', switches: { ...lab.switches, tuned: false } });

      expect(parseWorkloads(text).sort()).toEqual([
        'DaemonSet/cilium',
        ...(stack.name === 'current' ? ['DaemonSet/cilium-envoy'] : []),
        'DaemonSet/cilium-node-init',
        'Deployment/cilium-operator',
        'Deployment/clustermesh-apiserver',
        'Deployment/hubble-relay',
        'Deployment/hubble-ui',
      ]);
    });

    it('GIVEN a region of one node THEN one operator', () => {
      const regions = lab.regions.map((region) => ({
        ...region,
        nodes: [`${region.name}-control-plane`],
        workers: 0,
      }));

      const switches = { ...lab.switches, tuned: false };
      expect(render({ ...lab, regions, switches }).get('Deployment/cilium-operator')?.spec?.replicas).toBe(1);
    });

    it.runIf(stack.maxClusters === 511)('GIVEN room for 511 regions THEN the agents are told so', () => {
      const config = render({ ...lab, maxConnectedClusters: 511 }).get('ConfigMap/cilium-config');

      expect(config?.data?.['max-connected-clusters']).toBe('511');
    });

    it('GIVEN changed values THEN the agents and the operator are rolled out', () => {
      const [before, after] = [render(lab), render(lab, { debug: { enabled: true } })];

      for (const name of ['DaemonSet/cilium', 'Deployment/cilium-operator']) {
        expect(after.get(name)?.spec?.template).not.toEqual(before.get(name)?.spec?.template);
      }
    });

    it('GIVEN every switch of lab.yaml THEN the agents and the API server are told so', () => {
      const switches = switched[stack.name];
      const objects = render({ ...lab, meshMethod: 'install', switches });

      const config = objects.get('ConfigMap/cilium-config')?.data;
      expect(config).toMatchObject({
        'routing-mode': 'native',
        'auto-direct-node-routes': 'true',
        ...(stack.name === 'article'
          ? { 'enable-wireguard': 'true' }
          : {
              'enable-ipsec': 'true',
              'ipsec-key-file': '/etc/ipsec/keys',
              'clustermesh-enable-mcs-api': 'true',
              'clustermesh-mcs-api-install-crds': 'true',
              'dnsproxy-enable-transparent-mode': 'true',
            }),
      });
      // off by itself in the agents of 1.14
      expect(config?.['enable-hubble'] ?? 'false').toBe('false');
      expect([...objects.keys()].filter((name) => name.includes('hubble'))).toEqual([]);
      const volumes = objects.get('DaemonSet/cilium')?.spec?.template?.spec.volumes ?? [];
      expect(volumes.some(({ secret }) => secret?.secretName === 'cilium-ipsec-keys')).toBe(stack.name === 'current');
      expect(objects.has('Job/cilium-coredns-mcsapi-autoconfig')).toBe(switches.mcs);
      const { containers = [] } = objects.get('Deployment/clustermesh-apiserver')?.spec?.template?.spec ?? {};
      expect(containers.some(({ name }) => name === 'kvstoremesh')).toBe(switches.kvstoremesh);
    });

    it('GIVEN WireGuard THEN the agents are told so', () => {
      const switches = { ...lab.switches, encryption: 'wireguard' as const };
      const config = render({ ...lab, switches }).get('ConfigMap/cilium-config');

      expect(config?.data).toMatchObject({ 'enable-wireguard': 'true', 'routing-mode': 'tunnel' });
    });

    it('GIVEN null for every map that lab.yaml may remove THEN the chart is rendered', () => {
      const keys = chartKeys(chart, stack.versions.cilium) ?? {};
      const removed = removableMaps(keys);

      expect(removed).toMatchObject({ affinity: null, operator: { affinity: null, nodeSelector: null } });
      expect(render(lab, removed).has('DaemonSet/cilium')).toBe(true);
    });

    it('GIVEN the shared CA as values THEN the secret cilium-ca holds it', async () => {
      const ca = await certificateAuthority();

      const secret = render(lab, { tls: { ca } }).get('Secret/cilium-ca');

      expect(secret?.data).toEqual({ 'ca.crt': ca.cert, 'ca.key': ca.key });
    });

    it('GIVEN mesh.method install THEN the API server has its address and the mesh names the other region', () => {
      const objects = render({ ...lab, meshMethod: 'install' });

      const service = objects.get('Service/clustermesh-apiserver');
      expect(service?.spec?.type).toBe('LoadBalancer');
      expect(service?.metadata.annotations).toMatchObject({ [stack.addressAnnotation]: '172.19.255.102' });
      const mesh = objects.get('Secret/cilium-clustermesh')?.data ?? {};
      expect(Object.keys(mesh)).toContain('region-athens');
      const remotes = [mesh, objects.get('Secret/cilium-kvstoremesh')?.data ?? {}].map((data) => data['region-athens']);
      const endpoints = remotes.map((remote) => Buffer.from(remote ?? '', 'base64').toString());
      expect(endpoints.join()).toContain('https://region-athens.mesh.cilium.io:2379');
      expect(stringify([...objects.values()])).toContain('172.19.255.2');
    });
  });
});

function agentImage(objects: ReadonlyMap<string, Rendered>): string | undefined {
  return objects.get('DaemonSet/cilium')?.spec?.template?.spec.containers[0]?.image;
}

/** A CA of its own, as Helm values have it: base64 of PEM. */
async function certificateAuthority(): Promise<{ readonly cert: string; readonly key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Cilium CA',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign)],
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${der.match(/.{1,64}/g)?.join('\n') ?? ''}\n-----END PRIVATE KEY-----\n`;
  return { cert: base64(`${certificate.toString('pem')}\n`), key: base64(key) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Null at every map that `cilium.values` may remove, as far up as may be. */
function removableMaps(keys: KeyTree): Values {
  const isRemovable = (trail: readonly string[]): boolean =>
    unknownValues(
      trail.reduceRight<Values | null>((below, key) => ({ [key]: below }), null) ?? {},
      keys,
      [],
      'the chart',
    ).length === 0;
  const walk = (tree: KeyTree, above: readonly string[]): Values =>
    Object.fromEntries(
      Object.entries(tree).flatMap(([key, below]): [string, unknown][] => {
        if (below === null) return [];
        const trail = [...above, key];
        if (isRemovable(trail)) return [[key, null]];
        const removed = walk(below, trail);
        return Object.keys(removed).length === 0 ? [] : [[key, removed]];
      }),
    );
  return walk(keys, []);
}
