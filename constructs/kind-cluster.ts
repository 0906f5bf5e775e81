import type { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { Cidr } from '../lab/cidr.ts';
import { Document } from './document.ts';

/** The part of kind's v1alpha4 configuration that a lab uses; kind refuses any key that it does not know. */
interface KindConfig {
  readonly kind: 'Cluster';
  readonly apiVersion: 'kind.x-k8s.io/v1alpha4';
  readonly nodes: readonly KindNode[];
  readonly networking: KindNetworking;
  /** Merged into kubeadm's configuration; YAML without an apiVersion is for whichever version kind writes. */
  readonly kubeadmConfigPatches?: readonly string[];
  /** TOML, merged into containerd's configuration of every node. */
  readonly containerdConfigPatches?: readonly string[];
}

/** One container that acts as a Kubernetes node. */
interface KindNode {
  readonly role: 'control-plane' | 'worker';
  /** `kindest/node:v1.27.3@sha256:…` */
  readonly image: string;
}

/** How the cluster's pods and services are addressed, and what of kind's own networking is left out. */
interface KindNetworking {
  /** True: Cilium is the CNI; the nodes stay NotReady until it runs. */
  readonly disableDefaultCNI: boolean;
  /** `none`: Cilium replaces kube-proxy. */
  readonly kubeProxyMode: 'iptables' | 'ipvs' | 'none';
  readonly podSubnet: string;
  readonly serviceSubnet: string;
}

/** What a lab decides about a kind cluster; its name is given to `kind create cluster --name`. */
export interface KindClusterProps {
  /** Number of control plane nodes, at least 1. */
  readonly controlPlanes: number;
  /** Number of worker nodes, 0 or more. */
  readonly workers: number;
  /** Image of every node, pinned by digest where it has one. */
  readonly nodeImage: string;
  readonly podSubnet: Cidr;
  readonly serviceSubnet: Cidr;
  /** Faster, and for a cluster that may be lost. */
  readonly tuned: boolean;
  /** containerd looks into a folder for whom to ask for images: undefined where kind has it so by itself. */
  readonly hostsFolder: string | undefined;
}

/** A kind cluster without a CNI and without kube-proxy, both of which Cilium provides. */
export class KindCluster extends Document {
  constructor(scope: Construct, id: string, props: KindClusterProps) {
    super(scope, id, kindConfig(props));
  }
}

function kindConfig(props: KindClusterProps): KindConfig {
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [
      ...nodes('control-plane', props.controlPlanes, props.nodeImage),
      ...nodes('worker', props.workers, props.nodeImage),
    ],
    networking: {
      disableDefaultCNI: true,
      kubeProxyMode: 'none',
      podSubnet: String(props.podSubnet),
      serviceSubnet: String(props.serviceSubnet),
    },
    ...(props.tuned && {
      kubeadmConfigPatches: [tunedControlPlane(props.controlPlanes), tunedKubelet].map((patch) =>
        stringify(patch, { aliasDuplicateObjects: false }),
      ),
    }),
    ...((props.tuned || props.hostsFolder !== undefined) && {
      containerdConfigPatches: [
        ...(props.tuned ? [tunedContainerd] : []),
        ...(props.hostsFolder === undefined ? [] : [hostsIn(props.hostsFolder)]),
      ],
    }),
  };
}

/** For containerd before 2.0, whose files kind's later releases have set up so (kind v0.27). */
const hostsIn = (folder: string): string => `[plugins."io.containerd.grpc.v1.cri".registry]
config_path = "${folder}"
`;

/**
 * A Secret or ConfigMap that changes is seen by the pods that mount it when the kubelet next looks at them: after a minute
 * otherwise, which is how long MetalLB's controller waits for its webhook's certificate, and all that need addresses with it.
 */
const tunedKubelet = { kind: 'KubeletConfiguration', syncFrequency: '5s' };

/**
 * containerd v2.3 (of kind v0.32) reads the cgroups of every container each second, for a kubelet that asks it for statistics;
 * none does unless it is told to (containerd#12629). Others know no such key, and leave it.
 */
const tunedContainerd = `[plugins."io.containerd.cri.v1.runtime"]
stats_collect_period = "1h"
`;

/**
 * etcd does not wait for the disk: what it wrote last is lost when the machine itself dies, not when a container or Docker
 * does (Istio's CI does the same). A controller that has no second one elects no leader. In the form of kubeadm's v1beta3,
 * which kind turns into v1beta4 where it is wanted (kind v0.32, pkg/internal/patch/kubeadm_merge.go).
 */
function tunedControlPlane(controlPlanes: number): object {
  const alone = { extraArgs: { 'leader-elect': 'false' } };
  return {
    kind: 'ClusterConfiguration',
    etcd: { local: { extraArgs: { 'unsafe-no-fsync': 'true' } } },
    ...(controlPlanes === 1 && { controllerManager: alone, scheduler: alone }),
  };
}

function nodes(role: KindNode['role'], count: number, image: string): KindNode[] {
  return Array.from({ length: count }, () => ({ role, image }));
}
