import type { Construct } from 'constructs';
import type { Cidr } from '../lab/cidr.ts';
import { Document } from './document.ts';

/** The part of kind's v1alpha4 configuration that a lab uses; kind refuses any key that it does not know. */
interface KindConfig {
  readonly kind: 'Cluster';
  readonly apiVersion: 'kind.x-k8s.io/v1alpha4';
  readonly nodes: readonly KindNode[];
  readonly networking: KindNetworking;
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
  };
}

function nodes(role: KindNode['role'], count: number, image: string): KindNode[] {
  return Array.from({ length: count }, () => ({ role, image }));
}
