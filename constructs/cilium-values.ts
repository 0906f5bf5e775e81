import type { Ipv4 } from '../lab/cidr.ts';
import type { Lab, Region } from '../lab/lab.ts';

/** Exactly the values of the Cilium chart that a lab sets, typed as the chart has them. */
export interface CiliumValues {
  readonly cluster: { readonly name: string; readonly id: number };
  readonly image: {
    readonly pullPolicy: 'IfNotPresent';
    /** False for a preloaded image: `kind load` does not carry the digest by which the chart would ask for it. */
    readonly useDigest?: false;
  };
  readonly ipam: { readonly mode: 'kubernetes' };
  /** `strict` for charts up to 1.15; later ones know true and false only. */
  readonly kubeProxyReplacement: 'strict' | true;
  /** For machines of clouds; on kind's nodes it does nothing, and a tuned lab leaves it out. */
  readonly nodeinit?: Enabled;
  readonly externalIPs?: Enabled;
  readonly nodePort?: Enabled;
  readonly hostPort?: Enabled;
  /** Host of the Kubernetes API: there is no kube-proxy that could make its Service reachable. */
  readonly k8sServiceHost: string;
  readonly k8sServicePort: number;
  /** Relay and UI are off by themselves. */
  readonly hubble: HubbleValues | { readonly enabled: false };
  /** Where Cilium gives the LoadBalancer addresses: it announces them too. */
  readonly l2announcements?: Enabled;
  /** Requests to the Kubernetes API a second, of each agent. */
  readonly k8sClientRateLimit?: { readonly qps: number; readonly burst: number };
  readonly ipv4NativeRoutingCIDR: string;
  /** IPsec takes its key from the Secret cilium-ipsec-keys; WireGuard's are made by the agents. */
  readonly encryption?: Enabled & { readonly type: 'wireguard' | 'ipsec' };
  /** A tunnel by VXLAN unless given. */
  readonly routingMode?: 'native';
  /** Each node gets a route to the pods of every other: all nodes of all regions are on one docker network. */
  readonly autoDirectNodeRoutes?: true;
  /** Changed values reach running agents: the chart restarts them with their ConfigMap. */
  readonly rollOutCiliumPods: true;
  readonly operator: {
    readonly rollOutPods: true;
    /** 1 in a tuned lab, and where there is one node: the chart's 2 replicas refuse to share a node. */
    readonly replicas?: 1;
  };
  readonly clustermesh?: ClusterMeshValues;
}

interface Enabled {
  readonly enabled: true;
}

interface HubbleValues extends Enabled {
  readonly relay: Enabled;
  readonly ui: Enabled & { readonly service: BalancedService };
}

interface BalancedService {
  readonly type: 'LoadBalancer';
  /** By one of them the Service asks for its address. */
  readonly annotations?: Readonly<Record<string, string>>;
}

interface ClusterMeshValues {
  /** Known to charts from 1.15; 255 unless given; the same in every region. */
  readonly maxConnectedClusters?: 511;
  readonly useAPIServer?: true;
  readonly apiserver?: Partial<ApiServerValues> & { readonly kvstoremesh?: { readonly enabled: boolean } };
  readonly config?: Enabled & { readonly clusters?: readonly RemoteCluster[] };
  /** Known to charts from 1.19. */
  readonly mcsapi?: Enabled & { readonly installCRDs: true; readonly corednsAutoConfigure: Enabled };
}

interface ApiServerValues {
  readonly service: BalancedService;
  readonly tls: { readonly auto: Enabled & { readonly method: 'helm' } };
}

/** Another region's ClusterMesh API server. A list: charts before 1.19 refuse the form keyed by name. */
interface RemoteCluster {
  readonly name: string;
  readonly ips: readonly string[];
  readonly port: number;
}

const enabled = { enabled: true } as const;

/**
 * With L2 announcements each agent asks for the lease of every LoadBalancer Service, once in `leaseRetryPeriod`, 2 s: this is
 * enough for the 100 Services of a usual pool. The chart's own is 5 to 10.
 */
const rateForLeases = { qps: 50, burst: 100 };

/**
 * The Helm values of Cilium in one region, without `cilium.values` of lab.yaml and without the shared CA, which is a secret
 * and added at deploy.
 */
export function ciliumValues(lab: Lab, region: Region): CiliumValues {
  const { stack, switches } = lab;
  const clustermesh = clusterMeshValues(lab, region);
  return {
    cluster: { name: region.name, id: region.id },
    image: { pullPolicy: 'IfNotPresent', ...(region.preload.withoutAgent === undefined && { useDigest: false }) },
    ipam: { mode: 'kubernetes' },
    kubeProxyReplacement: stack.kubeProxyReplacement,
    ...(!switches.tuned && { nodeinit: enabled }),
    ...(stack.legacyServiceKeys && { externalIPs: enabled, nodePort: enabled, hostPort: enabled }),
    k8sServiceHost: region.apiServerHost,
    k8sServicePort: 6443,
    hubble: switches.hubble ? hubbleValues(lab, region) : { enabled: false },
    ...(lab.loadBalancer === 'cilium' && { l2announcements: enabled, k8sClientRateLimit: rateForLeases }),
    ipv4NativeRoutingCIDR: String(lab.nativeRoutingCidr),
    ...(switches.encryption !== 'none' && { encryption: { ...enabled, type: switches.encryption } }),
    ...(switches.routing === 'native' && { routingMode: 'native', autoDirectNodeRoutes: true }),
    rollOutCiliumPods: true,
    operator: { rollOutPods: true, ...((switches.tuned || region.nodes.length === 1) && { replicas: 1 }) },
    ...(Object.keys(clustermesh).length > 0 && { clustermesh }),
  };
}

/** The UI asks Cilium for the first address, for 1.14 gives any; MetalLB gives the lowest free one, and no Service is earlier. */
function hubbleValues(lab: Lab, region: Region): HubbleValues {
  const service: BalancedService =
    lab.loadBalancer === 'cilium' ? serviceAt(region.pool.first, lab) : { type: 'LoadBalancer' };
  return { ...enabled, relay: enabled, ui: { ...enabled, service } };
}

function serviceAt(address: Ipv4, { loadBalancer, stack }: Lab): BalancedService {
  const annotation = loadBalancer === 'cilium' ? stack.lbIpam.addressAnnotation : stack.addressAnnotation;
  return { type: 'LoadBalancer', annotations: { [annotation]: String(address) } };
}

function clusterMeshValues(lab: Lab, region: Region): ClusterMeshValues {
  const { kvstoremesh, mcs } = lab.switches;
  const mesh = lab.meshMethod === 'install' ? installedMesh(lab, region) : undefined;
  return {
    ...(lab.maxConnectedClusters === 511 && { maxConnectedClusters: 511 }),
    ...(lab.meshMethod === 'cli' && lab.stack.configBeforeEnable && { config: enabled }),
    ...mesh,
    ...(kvstoremesh !== undefined && { apiserver: { ...mesh?.apiserver, kvstoremesh: { enabled: kvstoremesh } } }),
    ...(mcs && { mcsapi: { ...enabled, installCRDs: true, corednsAutoConfigure: enabled } }),
  };
}

/** The region's whole mesh in the first install: every region's API server has an address that the plan knows. */
function installedMesh(lab: Lab, region: Region): ClusterMeshValues {
  const links = new Set(region.links);
  const remotes = lab.regions.filter(({ name }) => links.has(name));
  return {
    useAPIServer: true,
    apiserver: {
      service: serviceAt(region.meshAddress, lab),
      tls: { auto: { ...enabled, method: 'helm' } },
    },
    config: {
      ...enabled,
      clusters: remotes.map(({ name, meshAddress }) => ({ name, ips: [String(meshAddress)], port: 2379 })),
    },
  };
}
