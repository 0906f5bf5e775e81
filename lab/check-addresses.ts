import { NODE_PREFIX, SMALLEST_POOL } from './addresses.ts';
import { Cidr, contains, holds, IpRange, overlap, type Span } from './cidr.ts';
import type { Path, Problem } from './problems.ts';
import type { LabInput } from './schema.ts';

/** A subnet or range that lab.yaml gives, with the words that name it: `region-athens's podSubnet 10.0.0.0/16`. */
interface Given {
  readonly span: Span;
  readonly text: string;
  readonly path: Path;
}

/** No two of the docker subnet, pod and service subnets share an address; nor do two pools. */
export function overlaps(input: LabInput): Problem[] {
  const { subnet } = input.network;
  const docker = { span: subnet, text: `network.subnet ${subnet.toString()}`, path: ['network', 'subnet'] };
  const subnets = [...given(input, 'podSubnet'), ...given(input, 'serviceSubnet')];
  return [...overlapsAmong([docker, ...subnets]), ...overlapsAmong(given(input, 'pool'))];
}

/** One problem for each span that overlaps an earlier one. */
function overlapsAmong(spans: readonly Given[]): Problem[] {
  return spans.flatMap(({ span, text, path }, index) => {
    const other = spans.slice(0, index).find((earlier) => overlap(earlier.span, span));
    if (other === undefined) return [];
    return [
      { path, message: `${text} overlaps ${other.text}. Change one of them, or leave it out to have it allocated.` },
    ];
  });
}

/** Pod subnets that kube-controller-manager accepts and that hold a /24 for each node. */
export function podSubnetSizes({ regions }: LabInput): Problem[] {
  return regions.flatMap(({ name, podSubnet, controlPlanes, workers }, index) => {
    if (podSubnet === undefined) return [];
    const path = ['regions', index, 'podSubnet'];
    const text = `${name}'s podSubnet ${podSubnet.toString()}`;
    if (podSubnet.prefix < 8) return [{ path, message: `${text} is larger than Kubernetes takes. Use /8 or smaller.` }];
    const nodes = controlPlanes + workers;
    if (podSubnet.countOf(NODE_PREFIX) >= nodes) return [];
    const enough = NODE_PREFIX - Math.ceil(Math.log2(nodes));
    const message = `${text} is too small for ${nodes} nodes: Kubernetes gives each a /${NODE_PREFIX}. Use /${enough} or larger.`;
    return [{ path, message }];
  });
}

/** Service subnets that the API server and kubeadm accept. */
export function serviceSubnetSizes({ regions }: LabInput): Problem[] {
  return regions.flatMap(({ name, serviceSubnet }, index) => {
    if (serviceSubnet === undefined || (serviceSubnet.prefix >= 12 && serviceSubnet.prefix <= 28)) return [];
    const size = serviceSubnet.prefix < 12 ? 'larger' : 'smaller';
    const message = `${name}'s serviceSubnet ${serviceSubnet.toString()} is ${size} than Kubernetes takes. Use one from /12 to /28.`;
    return [{ path: ['regions', index, 'serviceSubnet'], message }];
  });
}

/** The native routing CIDR must cover every pod subnet of the mesh. */
export function podSubnetsCovered(input: LabInput): Problem[] {
  const { pods } = input.network;
  return given(input, 'podSubnet').flatMap(({ span, text, path }) => {
    if (contains(pods, span)) return [];
    const message = `${text} lies outside network.pods ${pods.toString()}, the native routing CIDR. Choose one inside, or widen network.pods.`;
    return [{ path, message }];
  });
}

/** IPv4 that no node, pod or service can have (IANA's registry of special-purpose addresses). */
const reserved = [
  { span: Cidr.parse('0.0.0.0/8'), use: '"this network"' },
  { span: Cidr.parse('127.0.0.0/8'), use: 'loopback' },
  { span: Cidr.parse('169.254.0.0/16'), use: 'link-local' },
  { span: Cidr.parse('224.0.0.0/4'), use: 'multicast' },
  { span: Cidr.parse('240.0.0.0/4'), use: 'reserved' },
];

/** Subnets without addresses that are kept for something else. A pool has none either, since it lies in network.subnet. */
export function reservedAddresses(input: LabInput): Problem[] {
  const { subnet, pods } = input.network;
  const subnets = [
    { span: subnet, text: `network.subnet ${subnet.toString()}`, path: ['network', 'subnet'] },
    { span: pods, text: `network.pods ${pods.toString()}`, path: ['network', 'pods'] },
    ...given(input, 'podSubnet'),
    ...given(input, 'serviceSubnet'),
  ];
  return subnets.flatMap(({ span, text, path }) => {
    const range = reserved.find((candidate) => overlap(candidate.span, span));
    if (range === undefined) return [];
    const message = `${text} has addresses of ${range.span.toString()}, which is ${range.use}. Use private ones: of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.`;
    return [{ path, message }];
  });
}

/** Docker networks to offer in place of one that cannot be. */
const USUAL_SUBNETS = ['172.19.0.0/16', '10.201.0.0/16', '192.168.200.0/24'].map((text) => Cidr.parse(text));

/**
 * The docker network beside the native routing CIDR. Inside it pods reach the network's gateway unmasqueraded and get no
 * answer; kind's nodes have that gateway as their name server (seen: no name outside the cluster was resolved).
 */
export function networkOutsidePods({ network: { subnet, pods } }: LabInput): Problem[] {
  if (!overlap(subnet, pods)) return [];
  const other = USUAL_SUBNETS.find((candidate) => !overlap(candidate, pods));
  const message =
    `network.subnet ${subnet.toString()} overlaps network.pods ${pods.toString()}, the native routing CIDR, so pods would get no ` +
    `answer from the docker network's gateway, which is their name server. Choose a network.subnet outside it` +
    `${other === undefined ? '' : `, such as ${other.toString()}`}, or a smaller network.pods.`;
  return [{ path: ['network', 'subnet'], message }];
}

const LONGEST_SUBNET = 28;

/** A docker subnet with room for nodes, pools, gateway and broadcast address. */
export function subnetSize({ network: { subnet } }: LabInput): Problem[] {
  if (subnet.prefix >= 8 && subnet.prefix <= LONGEST_SUBNET) return [];
  const message = `network.subnet ${subnet.toString()} is too ${subnet.prefix < 8 ? 'large' : 'small'} for a docker network of nodes and address pools. Use one from /8 to /${LONGEST_SUBNET}.`;
  return [{ path: ['network', 'subnet'], message }];
}

/** Pools of two addresses at least, in the upper half of the docker subnet, without the gateway and the broadcast address. */
export function poolPlaces({ regions, network: { subnet } }: LabInput): Problem[] {
  if (subnet.prefix > LONGEST_SUBNET) return [];
  const gateway = subnet.first.plus(1);
  const nodes = subnet.part(subnet.prefix + 1, 0);
  const free = IpRange.of(subnet.part(subnet.prefix + 1, 1).first, subnet.last.plus(-1)).toString();
  const whatIsWrong = (pool: IpRange) => {
    if (!contains(subnet, pool)) return `lies outside network.subnet ${subnet.toString()}. Choose one in ${free}.`;
    if (holds(pool, gateway)) {
      return `holds the gateway ${gateway.toString()}. Choose one in ${free}.`;
    }
    if (overlap(nodes, pool))
      return `overlaps ${nodes.toString()}, where the nodes get their addresses. Choose one in ${free}.`;
    if (pool.last.value === subnet.last.value) {
      return `holds the broadcast address ${subnet.last.toString()}. Choose one in ${free}.`;
    }
    if (pool.size < SMALLEST_POOL)
      return 'has 1 address. Hubble UI and the ClusterMesh API server need one each: give 2.';
    return undefined;
  };
  return regions.flatMap(({ name, pool }, index) => {
    const problem = pool && whatIsWrong(pool);
    return pool === undefined || problem === undefined
      ? []
      : [{ path: ['regions', index, 'pool'], message: `${name}'s pool ${pool.toString()} ${problem}` }];
  });
}

function given({ regions }: LabInput, key: 'podSubnet' | 'serviceSubnet' | 'pool'): Given[] {
  return regions.flatMap((region, index) => {
    const span = region[key];
    if (span === undefined) return [];
    return [{ span, text: `${region.name}'s ${key} ${span.toString()}`, path: ['regions', index, key] }];
  });
}
