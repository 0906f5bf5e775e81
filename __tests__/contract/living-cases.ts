import type { Case } from './cases.ts';

/** A lab that lives, as its calls name it. */
export interface Named {
  /** Of its docker network. */
  readonly network: string;
  /** A region, and one of its nodes. */
  readonly region: string;
  readonly node: string;
  /** Absolute path of the region's kubeconfig. */
  readonly kubeconfig: string;
  /** Text of the region's pool, as `dist/` has it. */
  readonly pool: string;
}

const object = (kind: string, more: object): string =>
  JSON.stringify({ apiVersion: 'v1', kind, metadata: { name: 'contract', ...more } });

const POOL = 'apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\n';

/** Calls that need a living lab, and leave it as it is. */
export function living({ network, region, node, kubeconfig, pool }: Named): readonly Case[] {
  const context = `kind-${region}`;
  const [kube, helm] = [
    `kubectl --kubeconfig ${kubeconfig} --context ${context}`,
    `--namespace kube-system --kubeconfig ${kubeconfig} --kube-context ${context}`,
  ];
  const files = {
    'pool.yaml': pool,
    'kind.yaml': 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n',
    'unknown.yaml': 'apiVersion: nobody.example/v1\nkind: Thing\nmetadata: { name: contract }\n',
    'nowhere.yaml': object('ConfigMap', { namespace: 'contract-nowhere' }),
    'overlap.yaml':
      `${POOL}metadata: { name: contract, namespace: metallb-system }\nspec: { addresses: [ALL] }\n`.replace(
        'ALL',
        /\d+\.\d+\.\d+\.\d+-\d+\.\d+\.\d+\.\d+/.exec(pool)?.[0] ?? '',
      ),
    'wrong.yaml': `${POOL}metadata: { name: contract, namespace: metallb-system }\nspec: { addresses: [nonsense] }\n`,
  };
  const lines = [
    // docker
    `docker network create --driver bridge --subnet 198.51.100.0/24 ${network}`,
    `docker network rm ${network}`,
    `docker network inspect contract-nothing`,
    'docker network rm contract-nothing',
    'docker volume inspect contract-nothing',
    'docker volume rm contract-nothing',
    'docker container inspect contract-nobody',
    'docker start contract-nobody',
    'docker stop -t 1 contract-nobody contract-nothing',
    'docker pause contract-nobody',
    'docker unpause contract-nobody',
    `docker unpause ${node}`,
    'docker exec contract-nobody true',
    `docker exec ${node} cat /sys/class/net/eth0/mtu`,
    `docker exec ${node} contract-nothing`,
    'docker image inspect --format {{.Id}} contract-nothing:v1',
    'docker save --output contract.tar contract-nothing:v1',
    `docker exec ${node} ctr --namespace=k8s.io images list --quiet name==contract-nothing`,
    'docker container logs contract-nobody',
    'docker rm --force contract-nobody',
    'docker load --input nofile.tar',
    'docker load --input kind.yaml',
    'docker image rm contract-nothing:v1',
    'docker cp . contract-nobody:/x',
    'docker cp contract-nobody:/x .',
    'docker cp nofolder/. contract-nobody:/x',
    'docker port contract-nobody 5000/tcp',
    `docker network connect ${network} contract-nobody`,
    `docker network disconnect ${network} contract-nobody`,
    // kind
    `kind create cluster --name ${region} --config kind.yaml --kubeconfig kc`,
    'kind export kubeconfig --name contract-nobody --kubeconfig kc',
    'kind delete cluster --name contract-nobody --kubeconfig kc',
    `kind load image-archive nofile.tar --name ${region}`,
    // kubectl
    ...[
      'get nodes --output name',
      'get frobs',
      'get service contract-nothing --namespace kube-system',
      'get service contract-nothing --namespace kube-system --ignore-not-found',
      'get namespace contract-nothing --ignore-not-found --output json',
      'delete namespace contract-nothing',
      'delete namespace contract-nothing --ignore-not-found',
      'apply --filename pool.yaml',
      'apply --filename unknown.yaml',
      'apply --filename nowhere.yaml',
      'apply --filename overlap.yaml',
      'apply --filename wrong.yaml',
      'create --filename pool.yaml',
      `wait node/${node} --for=condition=Ready --timeout=5s`,
      'wait --namespace kube-system --for=condition=Available deployment/cilium-operator deployment/coredns --timeout=5s',
      'wait deployment/contract-nothing --namespace kube-system --for=condition=Available --timeout=1s',
      'rollout status daemonset/cilium --namespace kube-system --timeout=5s',
      'rollout status deployment/contract-nothing --namespace kube-system --timeout=5s',
      'rollout restart deployment/contract-nothing --namespace kube-system',
      'exec --namespace kube-system contract-nothing -- true',
      'get --raw /api/v1/namespaces/kube-system/pods/contract-nothing:8080/proxy/ask?q=%5B%5D',
      'scale --namespace kube-system deployment/contract-nothing --replicas=1',
      'logs --namespace kube-system contract-nothing --container a --previous --tail=3',
      'describe pod --namespace kube-system contract-nothing',
      'annotate --overwrite namespace/contract-nothing a=b',
      'delete pods --namespace kube-system --selector contract=nothing --ignore-not-found',
      'delete --namespace kube-system secret/contract-nothing --ignore-not-found',
    ].map((line) => `${kube} ${line}`),
    // helm
    `helm history contract-nothing ${helm}`,
    `helm get values contract-nothing --output json ${helm}`,
    // the Cilium CLI
    `cilium clustermesh status --context ${context} --wait --wait-duration 20s`,
    `cilium clustermesh status --context ${context}`,
    `cilium status --context ${context} --wait --wait-duration 20s`,
    `cilium clustermesh connect --context ${context} --destination-context kind-contract-nobody`,
    `cilium connectivity test --context ${context} --multi-cluster kind-contract-nobody`,
  ];
  return lines.map((line) => ({ line, files, env: { KUBECONFIG: kubeconfig } }));
}
