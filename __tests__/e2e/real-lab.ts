import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect } from 'vitest';
import { loadLab } from '../../lab/load.ts';
import type { DriverEvent } from '../../scripts/events/events.ts';
import type { Kit } from './kit.ts';

const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const loader = import.meta.resolve('tsx');

export interface Answer {
  readonly exit: number | undefined;
  readonly events: readonly DriverEvent[];
  readonly stderr: string;
}

/** A lab folder on the real Docker Engine, and the real commands run in it. */
export class RealLab {
  readonly folder = mkdtempSync(join(tmpdir(), 'clustermesh-lab-e2e-'));
  /** A kubeconfig of the user's, which nobody may touch. */
  readonly userKubeconfig: string;
  readonly #name: string;
  readonly #kit: Kit;
  readonly #env: Record<string, string>;

  constructor(name: string, kit: Kit) {
    this.#name = name;
    this.#kit = kit;
    const home = join(this.folder, 'home');
    mkdirSync(join(home, '.kube'), { recursive: true });
    this.userKubeconfig = join(home, '.kube', 'config');
    writeFileSync(this.userKubeconfig, 'apiVersion: v1\nkind: Config\ncurrent-context: mine\n');
    this.#env = { PATH: kit.path, HOME: home, KUBECONFIG: this.userKubeconfig };
  }

  /** Writes lab.yaml with these regions, one worker each, and synthesizes. The subnet that a deploy moved to stays. */
  async write(regions: readonly string[], more = ''): Promise<void> {
    const file = join(this.folder, 'lab.yaml');
    const network = existsSync(file) ? `network: { subnet: ${loadLab(file).network.subnet} }\n` : '';
    const rows = regions.map((name) => `  - { name: ${name}, workers: 1 }\n`).join('');
    writeFileSync(file, `name: ${this.#name}\nregions:\n${rows}${network}${more}${this.#kit.labYaml}`);
    const { exitCode, stderr } = await this.#node('main.ts', []);
    if (exitCode !== 0) throw new Error(stderr);
  }

  /** Runs a command to its end. Its subnet may be taken on this machine: `--yes` accepts another. */
  async run(command: 'deploy' | 'plan' | 'status' | 'destroy', ...options: string[]): Promise<Answer> {
    const { exitCode, stdout, stderr } = await this.#node('scripts/lab.ts', [command, '--output', 'json', ...options]);
    return { exit: exitCode, events: eventsOf(stdout), stderr };
  }

  /** Deploys to its end, without a failure. @returns the steps that ran */
  async deploy(...options: string[]): Promise<string[]> {
    const { exit, events, stderr } = await this.run('deploy', ...options);
    expect({ exit, failed: failures(events), stderr }).toEqual({ exit: 0, failed: [], stderr: '' });
    return ranSteps(events);
  }

  /** Deploys, and kills the driver with SIGKILL some milliseconds after a step has started. */
  async deployKilledAt(step: string, milliseconds: number): Promise<void> {
    const child = this.#node('scripts/lab.ts', ['deploy', '--output', 'json', '--yes']);
    let seen = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        if (eventsOf(seen).some((event) => event.event === 'step-started' && event.step === step)) resolve();
      });
      void child.then(({ stderr }) => {
        reject(new Error(`deploy ended before ${step}: ${seen}${stderr}`));
      });
    });
    await sleep(milliseconds);
    child.kill('SIGKILL');
    await child;
  }

  /** `kubectl` in one region. @throws where it fails */
  async kubectl(region: string, ...args: string[]): Promise<string> {
    const kubeconfig = join(this.folder, '.lab', this.#name, 'kubeconfig', region);
    const { stdout } = await execa('kubectl', ['--kubeconfig', kubeconfig, '--context', `kind-${region}`, ...args], {
      env: this.#env,
    });
    return stdout;
  }

  async docker(...args: string[]): Promise<string> {
    return (await execa('docker', args)).stdout;
  }

  async kind(...args: string[]): Promise<string> {
    return (await execa('kind', args, { env: this.#env })).stdout;
  }

  /** Clusters and networks of these tests that a run which was cut off has left: by name, and only theirs. */
  async removeLeftovers(clusters: readonly string[], networks: readonly string[]): Promise<void> {
    for (const name of clusters) {
      const args = ['delete', 'cluster', '--name', name, '--kubeconfig', join(this.folder, name)];
      await execa('kind', args, { env: this.#env, reject: false });
    }
    for (const name of networks) await execa('docker', ['network', 'rm', name], { reject: false });
  }

  /** A kind cluster of somebody else's, with no workers and no network plugin, on the docker network of its own name. */
  async createForeignCluster(name: string, image: string | undefined): Promise<void> {
    const config = join(this.folder, `${name}.yaml`);
    writeFileSync(
      config,
      'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking: { disableDefaultCNI: true, kubeProxyMode: none }\n',
    );
    const args = ['create', 'cluster', '--name', name, '--config', config, '--kubeconfig', join(this.folder, name)];
    await execa('kind', [...args, ...(image === undefined ? [] : ['--image', image])], {
      env: { ...this.#env, KIND_EXPERIMENTAL_DOCKER_NETWORK: name },
    });
  }

  /** Writes the example's global service for every region and applies it; and a pod `client` with curl. */
  async deployGlobalService(regions: readonly string[]): Promise<void> {
    const out = join(this.folder, 'global-service');
    await this.#node('examples/global-service/main.ts', ['lab.yaml', out]);
    await Promise.all(
      regions.map(async (region) => {
        await this.kubectl(region, 'apply', '--filename', join(out, `${region}.yaml`));
        await this.kubectl(
          region,
          '--namespace',
          'global-service',
          'run',
          'client',
          '--image=quay.io/cilium/alpine-curl:v1.7.0',
          '--command',
          '--',
          'sleep',
          '3600',
        );
        await this.kubectl(
          region,
          '--namespace',
          'global-service',
          'rollout',
          'status',
          'deployment/hello',
          '--timeout=180s',
        );
        await this.kubectl(
          region,
          '--namespace',
          'global-service',
          'wait',
          '--for=condition=Ready',
          'pod/client',
          '--timeout=180s',
        );
      }),
    );
  }

  /** The region that answers a request from a region's client: to a pod's address, or to the global service. */
  async answerFrom(region: string, host = 'hello.global-service'): Promise<string> {
    const url = `http://${host}/hostname`;
    const body = await this.kubectl(
      region,
      '--namespace',
      'global-service',
      'exec',
      'client',
      '--',
      'curl',
      '--silent',
      '--show-error',
      '--max-time',
      '5',
      url,
    );
    return (JSON.parse(body) as { hostname: string }).hostname;
  }

  userKubeconfigText(): string {
    return readFileSync(this.userKubeconfig, 'utf8');
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #node(script: string, args: readonly string[]) {
    return execa(process.execPath, ['--import', loader, join(project, script), ...args], {
      cwd: this.folder,
      env: this.#env,
      reject: false,
      stdin: 'ignore',
    });
  }
}

/** Whole lines only: a killed driver may leave half of one. */
function eventsOf(stdout: string): DriverEvent[] {
  return stdout.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as DriverEvent];
    } catch {
      return [];
    }
  });
}

/** Ids of the steps that a deploy ran, such as `region-athens/cilium`; the last look is in every deploy, and left out. */
function ranSteps(events: readonly DriverEvent[]): string[] {
  return events.flatMap((event) =>
    event.event === 'step-done' && event.step !== 'verify'
      ? [`${event.region === undefined ? '' : `${event.region}/`}${event.step}`]
      : [],
  );
}

/** What failed, in words: for a test that expected otherwise. */
function failures(events: readonly DriverEvent[]): string[] {
  return events.flatMap((event) => (event.event === 'step-failed' ? [JSON.stringify(event)] : []));
}
