import type { Tool } from '../stand-ins/lab-bench.ts';

/** A call whose answer is the same from the stand-in and from the real program. */
export interface Case {
  /** As it is typed: `kind get clusters`; words with blanks as a list. */
  readonly line: string | readonly string[];
  /** Files in the folder where it is typed. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

const kindHead = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';
const kindConfigs: Readonly<Record<string, string>> = {
  metadata: `${kindHead}metadata: { name: x }\n`,
  'a nested unknown field': `${kindHead}networking:\n  podSubnets: x\n`,
  'the wrong case': `${kindHead}Networking: {}\n`,
  'a list for a map': `${kindHead}networking: []\n`,
  'a key twice': `${kindHead}name: a\nname: b\n`,
  'another version': 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha5\n',
  'another kind': 'kind: Clusters\napiVersion: kind.x-k8s.io/v1alpha4\n',
  'an empty file': '',
  'no control plane': `${kindHead}nodes: [{ role: worker }]\n`,
  'a wrong role': `${kindHead}nodes: [{ role: master }]\n`,
  'a wrong proxy mode': `${kindHead}networking: { kubeProxyMode: off }\n`,
  'a pod subnet that is none': `${kindHead}networking: { podSubnet: 10.0.0.0 }\n`,
};

/** A kubeconfig whose API server is not there. */
const nowhere = `apiVersion: v1
kind: Config
clusters: [{ name: kind-a, cluster: { server: "https://127.0.0.1:1" } }]
contexts: [{ name: kind-a, context: { cluster: kind-a, user: kind-a } }]
users: [{ name: kind-a, user: { token: nobody } }]
current-context: kind-a
`;
const kubeconfig = { 'a.kc': nowhere };

const lines = (all: readonly string[], more: Omit<Case, 'line'> = {}): Case[] => all.map((line) => ({ line, ...more }));

/** Calls that need neither an engine nor a cluster. */
export const offline: Readonly<Record<Exclude<Tool, 'docker'>, readonly Case[]>> = {
  kind: [
    ...lines(['kind create cluster --bogus', 'kind load image-archive nofile.tar --name nope']),
    ...Object.values(kindConfigs).map((text) => ({
      line: 'kind create cluster --name contract-refused --config kind.yaml --kubeconfig kc',
      files: { 'kind.yaml': text },
    })),
  ],
  helm: [
    ...lines(['helm frob', 'helm list --bogus']),
    ...lines(
      [
        ...['./nope.tgz', 'cilium-1.14.2-chart', 'cilium/cilium', 'kind.yaml'].map(
          (chart) =>
            `helm upgrade --install cilium ${chart} --namespace kube-system --kubeconfig a.kc --kube-context kind-a`,
        ),
        ...['--bogus', '--timeout 5'].map(
          (more) => `helm upgrade --install cilium ./nope.tgz --kubeconfig a.kc ${more}`,
        ),
        'helm list --kubeconfig a.kc --kube-context kind-nope',
        'helm list --kubeconfig a.kc --kube-context kind-a',
        'helm history cilium --kubeconfig a.kc --kube-context kind-a',
      ],
      { files: { ...kubeconfig, 'kind.yaml': kindHead } },
    ),
  ],
  kubectl: [
    ...lines(['kubectl --kubeconfig missing get nodes', 'kubectl get nodes', 'kubectl frob', 'kubectl apply']),
    ...lines(['kubectl get --bogus nodes', 'kubectl wait nodes --timeout=2', 'kubectl version --client --output xml']),
    ...lines(
      [
        'kubectl --kubeconfig a.kc --context nope get nodes',
        'kubectl --kubeconfig a.kc --context kind-a get nodes',
        'kubectl --kubeconfig a.kc --context kind-a get nodes --output json --request-timeout=10s',
        'kubectl --kubeconfig a.kc --context kind-a get',
        'kubectl --kubeconfig a.kc --context kind-a wait --for=condition=Ready --timeout=1s',
        'kubectl --kubeconfig a.kc --context kind-a wait nodes --for=frob --timeout=1s',
        'kubectl --kubeconfig a.kc --context kind-a apply --filename nope.yaml',
        'kubectl --kubeconfig a.kc --context kind-a rollout frob daemonset/a',
        'kubectl --kubeconfig a.kc --context kind-a rollout status',
      ],
      { files: kubeconfig },
    ),
  ],
  cilium: [
    ...lines(['cilium clustermesh enable --bogus', 'cilium frob']),
    ...lines(
      [
        'cilium clustermesh enable --context kind-nope --service-type LoadBalancer',
        'cilium status --context kind-nope --wait --wait-duration 1s',
        'cilium clustermesh status --context kind-nope --output json',
        'cilium clustermesh connect --context kind-nope --destination-context kind-a',
        'cilium connectivity test --context kind-a --multi-cluster kind-b',
        'cilium connectivity test --context kind-a --multi-cluster kind-a --single-node',
        'cilium status --context kind-a --wait --wait-duration 5',
      ],
      { files: kubeconfig, env: { KUBECONFIG: 'a.kc' } },
    ),
  ],
};
