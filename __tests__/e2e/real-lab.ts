import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa, ExecaError } from 'execa';
import { expect } from 'vitest';
import { holds, Ipv4 } from '../../lab/cidr.ts';
import { loadLab } from '../../lab/load.ts';
import { summaryLines } from '../../scripts/events/reporters/summary.ts';
import { makeStyle } from '../../scripts/events/reporters/text.ts';
import { intentLabel } from '../../scripts/observe/intent.ts';
import type { DriverEvent } from '../../scripts/events/events.ts';
import type { RegionStatus } from '../../scripts/events/status-event.ts';
import type { VerifyEvent } from '../../scripts/events/verify-event.ts';
import { variableOf } from '../../scripts/supply/programs.ts';
import type { Program } from '../../scripts/tools/command.ts';
import type { LivingLab } from '../contract/living.ts';
import type { Kit } from './kit.ts';

const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const programs = { lab: join(project, 'bin', 'clustermesh-lab.mjs'), synth: join(project, 'bin', 'synth.mjs') };

/** The scenario that tests ask, and the line of lab.yaml that chooses it. */
export const scenario = 'high-availability';
export const withScenario = `scenarios: { ${scenario}: {} }\n`;

export interface Answer {
  readonly exit: number | undefined;
  readonly events: readonly DriverEvent[];
  readonly stderr: string;
}

/** A lab folder on the real Docker Engine, and the real commands run in it. */
export class RealLab {
  readonly folder = join(tmpdir(), `clustermesh-lab-e2e-${randomUUID()}`);
  readonly #name: string;
  readonly #kit: Kit;
  /** A kubeconfig of the user's, which nobody may touch. */
  readonly #userKubeconfig: string;
  readonly #env: Record<string, string>;
  /** Variables of the driver's alone, over these. */
  #ofDriver: Readonly<Record<string, string>> = {};
  /** Another manifest of MetalLB than the kit's. */
  #manifest: string | undefined;

  constructor(name: string, kit: Kit) {
    this.#name = name;
    this.#kit = kit;
    const home = join(this.folder, 'home');
    this.#userKubeconfig = join(home, '.kube', 'config');
    this.#env = { PATH: kit.path, HOME: home, KUBECONFIG: this.#userKubeconfig, ...kit.given };
  }

  /** Makes the folder; and removes clusters and networks that a run of these tests which was cut off has left, by their names. */
  async open(clusters: readonly string[], networks: readonly string[]): Promise<void> {
    mkdirSync(dirname(this.#userKubeconfig), { recursive: true });
    writeFileSync(this.#userKubeconfig, 'apiVersion: v1\nkind: Config\ncurrent-context: mine\n');
    for (const name of clusters) {
      const args = ['delete', 'cluster', '--name', name, '--kubeconfig', join(this.folder, name)];
      await execa('kind', args, { env: this.#env, reject: false });
    }
    for (const name of networks) await execa('docker', ['network', 'rm', name], { reject: false });
  }

  /** From now on the driver has these programs no more, neither by name nor on the PATH of the kit: it downloads them from there. */
  without(programs: readonly Program[], mirror: string): void {
    this.#ofDriver = {
      ...Object.fromEntries(programs.map((program) => [variableOf(program), ''])),
      PATH: process.env.PATH ?? '',
      CLUSTERMESH_LAB_MIRROR: mirror,
      CLUSTERMESH_LAB_CACHE: join(this.folder, 'cache'),
    };
  }

  /** Destroys the lab, and removes its folder. */
  async close(): Promise<void> {
    await this.run('destroy', '--yes');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * Writes lab.yaml with these regions, and synthesizes. The subnet that a deploy moved to stays; a file that synth refuses goes again.
   * @param more other keys of lab.yaml
   * @param nodes of a region that has others than a control plane and a worker: `controlPlanes: 3, workers: 1`
   */
  async write(regions: readonly string[], more = '', nodes: Readonly<Record<string, string>> = {}): Promise<void> {
    const file = join(this.folder, 'lab.yaml');
    const network = existsSync(file) ? `network: { subnet: ${loadLab(file).network.subnet} }\n` : '';
    const rows = regions.map((name) => `  - { name: ${name}, ${nodes[name] ?? 'workers: 1'} }\n`).join('');
    const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    writeFileSync(file, `name: ${this.#name}\nregions:\n${rows}${network}${more}${this.#labYaml()}`);
    const { exitCode, stderr } = await this.#node([programs.synth]);
    if (exitCode === 0) return;
    if (before === undefined) rmSync(file);
    else writeFileSync(file, before);
    throw new Error(stderr);
  }

  /** The manifest of MetalLB that lab.yaml names. */
  get manifest(): string {
    return /metallbManifest: (.*)/.exec(this.#labYaml())?.[1] ?? '';
  }

  /** The next lab.yaml names another manifest of MetalLB; undefined: the kit's again. */
  useManifest(file: string | undefined): void {
    this.#manifest = file;
  }

  #labYaml(): string {
    const { labYaml } = this.#kit;
    return this.#manifest === undefined ? labYaml : labYaml.replace(/(metallbManifest: ).*/, `$1${this.#manifest}`);
  }

  /** Runs a command to its end. Its subnet may be taken on this machine: `--yes` accepts another. */
  async run(
    command:
      | 'deploy'
      | 'pause'
      | 'resume'
      | 'plan'
      | 'status'
      | 'verify'
      | 'destroy'
      | 'scenario'
      | 'failover'
      | 'degrade'
      | 'report'
      | 'bundle',
    ...options: string[]
  ): Promise<Answer> {
    const { exitCode, stdout, stderr } = await this.#node([programs.lab, command, '--output', 'json', ...options]);
    return { exit: exitCode, events: eventsOf(stdout), stderr };
  }

  /** Deploys to its end, without a failure, and prints its table of times. @returns the steps that ran */
  async deploy(...options: string[]): Promise<string[]> {
    const { exit, events, stderr } = await this.run('deploy', ...options);
    const finished = events.find((event) => event.event === 'finished');
    if (finished !== undefined) console.log(summaryLines(finished, [], makeStyle(false)).join('\n'));
    expect({ exit, failed: failures(events), stderr }).toEqual({ exit: 0, failed: [], stderr: '' });
    return ranSteps(events);
  }

  /** What `status` says of every region. */
  async status(): Promise<readonly RegionStatus[]> {
    const { events } = await this.run('status');
    const answer = events.find((event) => event.event === 'status');
    expect(answer).toBeDefined();
    return answer?.regions ?? [];
  }

  /** Every node is ready, every address is of its own region's pool, every agent is connected to all other regions. */
  async expectWholeMesh(): Promise<void> {
    const { regions } = loadLab(join(this.folder, 'lab.yaml'));
    const status = await this.status();
    expect(status.map(({ region }) => region)).toEqual(regions.map(({ name }) => name));
    regions.forEach(({ name, nodes, pool }, index) => {
      const { state, nodesReady, links, hubbleUi, meshApiServer } = status[index] ?? ({} as Partial<RegionStatus>);
      expect({ name, state, nodesReady }).toEqual({ name, state: 'up', nodesReady: nodes.length });
      const others = regions.filter((other) => other.name !== name);
      expect(links).toEqual(Object.fromEntries(others.map((other) => [other.name, `${nodes.length}/${nodes.length}`])));
      const isInPool = (text = ''): boolean => {
        const address = Ipv4.tryParse(text);
        return address !== undefined && holds(pool, address);
      };
      expect({ hubbleUi, isIn: isInPool(hubbleUi) }).toEqual({ hubbleUi, isIn: true });
      expect({ meshApiServer, isIn: isInPool(meshApiServer) }).toEqual({ meshApiServer, isIn: true });
    });
  }

  /** Deploys, and kills the driver with SIGKILL some milliseconds after a step has started. */
  async deployKilledAt(step: string, milliseconds: number): Promise<void> {
    const child = this.#node([programs.lab, 'deploy', '--output', 'json', '--yes']);
    await until(child, (event) => event.event === 'step-started' && event.step === step);
    await sleep(milliseconds);
    child.kill('SIGKILL');
    await child;
  }

  /** Deploys to its end, and does something to the lab once the driver has told that. */
  async deployMeanwhile(told: (event: DriverEvent) => boolean, disturb: () => Promise<void>): Promise<Answer> {
    const child = this.#node([programs.lab, 'deploy', '--output', 'json', '--skip-test']);
    await until(child, told);
    await disturb();
    const { exitCode, stdout, stderr } = await child;
    return { exit: exitCode, events: eventsOf(stdout), stderr };
  }

  /** `npm run verify -- --watch`, until it is stopped. */
  watch(): Watch {
    return new Watch(this.#node([programs.lab, 'verify', '--watch', '--output', 'json']));
  }

  /** Causes that one `npm run verify` tells of what fails. */
  async causes(): Promise<string[]> {
    const { events } = await this.run('verify');
    return events.flatMap((event) => (event.event === 'verify' ? event.failures.map(({ cause }) => cause) : []));
  }

  /** `helm upgrade` of one region's Cilium with the values of `dist/` alone, as somebody does who does not know better. */
  async upgradePlainly(region: string): Promise<void> {
    await this.#upgrade(region, '--values', join(this.folder, 'dist', region, 'cilium-values.yaml'));
  }

  /** `helm upgrade` of one region's Cilium with all of its values but these, by hand. @param values `k8sServiceHost=192.0.2.1` */
  async upgradeWith(region: string, ...values: string[]): Promise<void> {
    await this.#upgrade(region, '--reuse-values', ...values.flatMap((value) => ['--set', value]));
  }

  async #upgrade(region: string, ...options: string[]): Promise<void> {
    const { ciliumChart } = loadLab(join(this.folder, 'lab.yaml')).sources;
    const chart = 'url' in ciliumChart ? ciliumChart.url : ciliumChart.place;
    const kubeconfig = join(this.folder, '.lab', this.#name, 'kubeconfig', region);
    const where = ['--namespace', 'kube-system', '--kubeconfig', kubeconfig];
    await execa('helm', ['upgrade', 'cilium', chart, ...options, ...where], { env: this.#env });
  }

  /** To be asked beside the stand-ins. */
  living(): LivingLab {
    const { given } = this.#kit;
    return {
      folder: this.folder,
      program: (tool) => given[variableOf(tool as Program)] ?? tool,
      env: { PATH: this.#kit.path },
    };
  }

  /** `kubectl` in one region. @throws where it fails */
  async kubectl(region: string, ...args: string[]): Promise<string> {
    return this.#kubectl(region, args);
  }

  /** `kubectl apply` of an object, as JSON. */
  async apply(region: string, object: string): Promise<void> {
    await this.#kubectl(region, ['apply', '--filename=-'], object);
  }

  async #kubectl(region: string, args: readonly string[], input = ''): Promise<string> {
    const kubeconfig = join(this.folder, '.lab', this.#name, 'kubeconfig', region);
    const all = ['--kubeconfig', kubeconfig, '--context', `kind-${region}`, ...args];
    return (await execa('kubectl', all, { env: this.#env, input })).stdout;
  }

  /** A file of the lab's, below `.lab/NAME`. */
  state(...names: string[]): string {
    return join(this.folder, '.lab', this.#name, ...names);
  }

  async kind(...args: string[]): Promise<string> {
    return (await execa('kind', args, { env: this.#env })).stdout;
  }

  async docker(...args: string[]): Promise<string> {
    return (await execa('docker', args)).stdout;
  }

  /** A kind cluster of somebody else's, with no workers and no network plugin, on the docker network of its own name. */
  async createForeignCluster(name: string): Promise<void> {
    const image = this.#kit.nodeImage;
    await this.docker('network', 'create', name);
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

  async removeForeignCluster(name: string): Promise<void> {
    await execa('kind', ['delete', 'cluster', '--name', name, '--kubeconfig', join(this.folder, name)], {
      env: this.#env,
    });
    await this.docker('network', 'rm', name);
  }

  /** Containers and network of somebody else's cluster, and the user's kubeconfig: all that must stay as it is. */
  async foreign(name: string): Promise<string> {
    const containers = ['ps', '--all', '--no-trunc', '--filter', `name=${name}`];
    const networks = ['network', 'ls', '--no-trunc', '--filter', `name=^${name}$`];
    return [
      await this.docker(...containers, '--format', '{{.ID}} {{.Names}} {{.State}}'),
      await this.docker(...networks, '--format', '{{.ID}} {{.Name}}'),
      readFileSync(this.#userKubeconfig, 'utf8'),
    ].join('\n');
  }

  /** Nothing of the lab is left on Docker: no container, network or volume. */
  async expectNothingLeft(clusters: readonly string[]): Promise<void> {
    const left = (await this.docker('ps', '--all', '--format', '{{.Label "io.x-k8s.kind.cluster"}}')).split('\n');
    expect(left.filter((name) => clusters.includes(name))).toEqual([]);
    expect(await this.docker('network', 'ls', '--quiet', '--filter', `name=^${this.#name}$`)).toBe('');
    for (const name of clusters)
      expect(await this.docker('volume', 'ls', '--quiet', '--filter', `label=${intentLabel}=${name}`)).toBe('');
  }

  /** These scenarios are up in all of these regions, and there are no others. */
  async expectScenariosUp(regions: readonly string[], names: readonly string[] = [scenario]): Promise<void> {
    const { events } = await this.run('scenario');
    const lines = events.find((event) => event.event === 'scenarios')?.scenarios;
    expect(lines).toEqual(names.flatMap((name) => regions.map((region) => ({ scenario: name, region, state: 'up' }))));
  }

  /** `kubectl` in the namespace of the scenario. */
  async inScenario(region: string, ...args: string[]): Promise<string> {
    return this.kubectl(region, '--namespace', scenario, ...args);
  }

  /** The region that answers a request from a region's client: to a pod's address, or to the global Service. */
  async answerFrom(region: string, host = 'server'): Promise<string> {
    const curl = ['curl', '--silent', '--show-error', '--max-time', '5', `http://${host}`];
    const body = await this.inScenario(region, 'exec', 'deployment/client', '--', ...curl);
    return (JSON.parse(body) as { region: string }).region;
  }

  /** Whether the policy lets a region's client in at the server of another, or of its own. */
  async getsIn(from: string, to: string): Promise<boolean> {
    const curl = ['curl', '--silent', '--max-time', '3', `http://server-${to}`];
    const body = await this.kubectl(from, '--namespace', 'policy', 'exec', 'deployment/client', '--', ...curl).catch(
      (error: unknown) => {
        if (!(error instanceof ExecaError && error.message.includes('exit code 28'))) throw error;
      },
    );
    return body !== undefined && (JSON.parse(body) as { region: string }).region === to;
  }

  /** Requests from a region's client to the global Service are answered by all of these regions, and by no other. */
  async expectAnswersOf(regions: readonly string[], from: string): Promise<void> {
    const answers = new Set<string>();
    await expect
      .poll(async () => [...answers.add(await this.answerFrom(from))].sort(), { timeout: 60_000, interval: 200 })
      .toEqual(regions.toSorted());
  }

  #node(args: readonly string[]): Running {
    return launch(args, this.folder, { ...this.#env, ...this.#ofDriver });
  }
}

/** What a verify that goes on and on tells. */
export class Watch {
  readonly #child: Running;
  #said = '';

  constructor(child: Running) {
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
  }

  /** Waits for a round in which something fails, and all of it is told as that. */
  async untilTold(cause: RegExp): Promise<void> {
    const isTold = ({ failures }: VerifyEvent): boolean =>
      failures.length > 0 && failures.every((failure) => cause.test(failure.cause));
    await this.#until(`told as ${cause.source}`, isTold);
  }

  /** Waits for a round in which all is as it should be. */
  async untilWhole(): Promise<void> {
    await this.#until('whole', ({ ok }) => ok);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    const { exitCode } = await this.#child;
    expect(exitCode).toBe(130);
  }

  /** Of the rounds that begin from now on: one may be under way. */
  async #until(what: string, isSo: (round: VerifyEvent) => boolean): Promise<void> {
    const before = this.#rounds().length;
    const end = Date.now() + 240_000;
    while (Date.now() < end) {
      if (
        this.#rounds()
          .slice(before + 1)
          .some(isSo)
      )
        return;
      await sleep(500);
    }
    throw new Error(`never ${what}: ${JSON.stringify(this.#rounds().at(-1), undefined, 1)}`);
  }

  #rounds(): VerifyEvent[] {
    return eventsOf(this.#said).flatMap((event) => (event.event === 'verify' ? [event] : []));
  }
}

type Running = ReturnType<typeof launch>;

/** A program of the project's, as a process of its own. */
function launch(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
  return execa(process.execPath, args, { cwd, env, reject: false, stdin: 'ignore' });
}

/** Waits until a deploy has told that. @throws where it ends before */
async function until(child: Running, told: (event: DriverEvent) => boolean): Promise<void> {
  let seen = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      if (eventsOf(seen).some(told)) resolve();
    });
    void child.then(({ stderr }) => {
      reject(new Error(`the deploy ended before: ${seen}${stderr}`));
    });
  });
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
