import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, nodeImage, type Tool } from './lab-bench.ts';

export interface Answer {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program at a bench as one would type it, in the lab's folder: `run('kind get clusters')`; words with blanks as a list. */
export type Run = (line: string | readonly string[], env?: Readonly<Record<string, string>>) => Answer;

export function atTheBench(bench: Bench): Run {
  return (line, env = {}) => {
    const [program, ...args] = (typeof line === 'string' ? line.split(' ') : line) as [Tool, ...string[]];
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: bench.lab,
      env: { ...bench.env, ...env },
      encoding: 'utf8',
    });
    return { exit: status, stdout, stderr };
  };
}

export const kindYaml = (podSubnet: string, serviceSubnet: string, workers = 1): string => `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
  - role: control-plane
    image: ${nodeImage}
${`  - role: worker\n    image: ${nodeImage}\n`.repeat(workers)}networking:
  disableDefaultCNI: true
  kubeProxyMode: none
  podSubnet: ${podSubnet}
  serviceSubnet: ${serviceSubnet}
`;

export const ciliumValues = (region: string, id: number): string => `cluster: { name: ${region}, id: ${id} }
ipam: { mode: kubernetes }
k8sServiceHost: ${region}-control-plane
k8sServicePort: 6443
hubble:
  enabled: true
  relay: { enabled: true }
  ui: { enabled: true, service: { type: LoadBalancer } }
`;

export const pool = (addresses: string, name = 'default-pool'): string => `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: ${name}, namespace: metallb-system }
spec: { addresses: ["${addresses}"] }
`;

export const metallb = 'https://raw.githubusercontent.com/metallb/metallb/v0.13.7/config/manifests/metallb-native.yaml';

/** Writes a file of the lab's folder and gives its name. */
export function write(bench: Bench, name: string, text: string): string {
  writeFileSync(join(bench.lab, name), text);
  return name;
}

/** Remembers the world and these files of the lab's folder; the function it gives brings them back. */
export function snapshot(bench: Bench, files: readonly string[]): () => void {
  const world = bench.state();
  const texts = files.map((file) => readFileSync(join(bench.lab, file), 'utf8'));
  return () => {
    bench.edit(() => world);
    for (const [index, file] of files.entries()) write(bench, file, texts[index] ?? '');
  };
}

/** kubectl and helm flags for a region whose kubeconfig is `REGION.kc`. */
export const kube = (region: string): string => `--kubeconfig ${region}.kc --context kind-${region}`;
export const helmTarget = (region: string): string =>
  `--namespace kube-system --kubeconfig ${region}.kc --kube-context kind-${region}`;

/** One region of one control plane and one worker, its kubeconfig in `region-athens.kc`. */
export function createAthens(bench: Bench, run: Run): Answer {
  write(bench, 'kind.yaml', kindYaml('10.0.0.0/16', '10.1.0.0/16'));
  return run('kind create cluster --name region-athens --config kind.yaml --kubeconfig region-athens.kc');
}

export function installCilium(bench: Bench, run: Run, region = 'region-athens', id = 1): Answer {
  write(bench, `${region}.values.yaml`, ciliumValues(region, id));
  return run(
    `helm upgrade --install cilium ${bench.chart} ${helmTarget(region)} --version 1.14.2 --values ${region}.values.yaml`,
  );
}

/** One region up to its pool, by the article's commands; region 1 has 172.18.255.101 and up, region 2 172.18.255.201 and up. */
export function buildRegion(bench: Bench, run: Run, region: string, id: number): Answer[] {
  write(bench, `${region}.kind.yaml`, kindYaml(`10.${2 * id - 2}.0.0/16`, `10.${2 * id - 1}.0.0/16`));
  write(bench, `${region}.pool.yaml`, pool(`172.18.255.${id}01-172.18.255.${id}50`));
  return [
    run(`kind create cluster --name ${region} --config ${region}.kind.yaml --kubeconfig ${region}.kc`),
    installCilium(bench, run, region, id),
    run(`kubectl ${kube(region)} apply --filename ${metallb}`),
    run(`cilium status --context kind-${region} --wait`, { KUBECONFIG: `${region}.kc` }),
    run(
      `kubectl ${kube(region)} wait --namespace metallb-system --for=condition=Available deployment/controller --timeout=60s`,
    ),
    run(`kubectl ${kube(region)} apply --filename ${region}.pool.yaml`),
  ];
}
