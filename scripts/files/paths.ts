import { dirname, join, relative } from 'node:path';
import { quote } from '../tools/command.ts';
import type { RegionFileName } from '../../lab/generated.ts';
import type { Region } from '../../lab/lab.ts';
import { distBeside } from '../../lab/read-memory.ts';

/** Beside lab.yaml: a folder for each lab. */
export const STATE_FOLDER = '.lab';

/** In each of these: who the folder is to Docker. */
export const OWNER_FILE = 'owner';

/** How a command of this project is typed: `destroy`, `--region`, `region-athens`. */
export type CommandLine = (command: string, ...options: string[]) => string;

/** For `lab.yaml` in the current folder. */
export const plainCommand: CommandLine = (command, ...options) =>
  `npm run ${command}${options.length === 0 ? '' : ` -- ${options.map(quote).join(' ')}`}`;

interface PathsOptions {
  readonly labFile: string;
  /** undefined: beside the lab file */
  readonly dist: string | undefined;
  readonly lab: string;
  readonly cwd: string;
  /** @default - dist/ */
  readonly manifests?: string;
}

/** Where everything of one lab lies: its YAML beside lab.yaml, what a deploy makes under `.lab/NAME/`. All absolute. */
export class Paths {
  readonly labFile: string;
  readonly dist: string;
  /** `.lab/NAME`, removed by `destroy`. */
  readonly state: string;
  /** The folder whose YAML is read: dist/, or the copy of it that a deploy applies. */
  readonly manifests: string;
  readonly #options: PathsOptions;
  readonly #cwd: string;

  constructor(options: PathsOptions) {
    this.#options = options;
    this.labFile = options.labFile;
    this.dist = options.dist ?? distBeside(options.labFile);
    this.state = join(dirname(options.labFile), STATE_FOLDER, options.lab);
    this.manifests = options.manifests ?? this.dist;
    this.#cwd = options.cwd;
  }

  /** The same lab, its YAML read from `.lab/NAME/applied/`. */
  withApplied(): Paths {
    return new Paths({ ...this.#options, manifests: join(this.state, 'applied') });
  }

  /** It is the copy that is read. */
  get isApplied(): boolean {
    return this.manifests !== this.dist;
  }

  manifest(region: string, file: RegionFileName): string {
    return join(this.manifests, region, file);
  }

  /** One kubeconfig a cluster; the user's own is never touched. */
  kubeconfig(region: string): string {
    return join(this.kubeconfigs, region);
  }

  get kubeconfigs(): string {
    return join(this.state, 'kubeconfig');
  }

  target(region: Pick<Region, 'name' | 'context'>): { kubeconfig: string; context: string } {
    return { kubeconfig: this.kubeconfig(region.name), context: region.context };
  }

  log(step: string, region?: string): string {
    return join(this.state, 'logs', `${region === undefined ? '' : `${region}-`}${step}.log`);
  }

  /** The shared CA's certificate, or its key (mode 0600). */
  ca(part: 'crt' | 'key'): string {
    return join(this.state, 'ca', `ca.${part}`);
  }

  /** The key of `cilium.encryption: ipsec` (mode 0600). */
  get ipsecKey(): string {
    return join(this.state, 'ca', 'ipsec.key');
  }

  /** Helm values, or a manifest, that no one may read but the user (mode 0600). */
  secretValues(name: string): string {
    return join(this.state, 'ca', `${name}.yaml`);
  }

  /** Archives of images; large, and gone when every node has its image. */
  get images(): string {
    return join(this.state, 'images');
  }

  /** What came out of a bundle, as long as a deploy is at work. */
  get bundle(): string {
    return join(this.images, 'bundle');
  }

  archive(image: string): string {
    return join(this.images, `${image.replaceAll(/[^\w.-]/g, '_')}.tar`);
  }

  /** Sums of what was downloaded without one: they go with the lab. */
  get sums(): string {
    return join(this.state, 'sums');
  }

  /** Scripts that call the lab's programs, for people. */
  get bin(): string {
    return join(this.state, 'bin');
  }

  junit(source: string, remote: string): string {
    return join(this.state, 'test', `${source}--${remote}.xml`);
  }

  get junitOfPaths(): string {
    return join(this.state, 'test', 'paths.xml');
  }

  /** Folder with a mark for each region that a deploy made, or began to make. */
  get made(): string {
    return join(this.state, 'made');
  }

  /** What kind calls for docker while it makes a region. */
  dockerForKind(region: string): string {
    return join(this.state, 'docker-for-kind', region);
  }

  /** Where kind writes the kubeconfig of a cluster that it makes: last of all, and not at once whole. */
  kubeconfigByKind(region: string): string {
    return join(this.dockerForKind(region), 'kubeconfig');
  }

  /** The kinds of MetalLB alone, which a pool needs. */
  get metallbKinds(): string {
    return join(this.state, 'metallb-kinds.yaml');
  }

  /** The sum of the dist/ that synth last said yes to. */
  get checked(): string {
    return join(this.state, 'checked');
  }

  /** How a fault under way is undone. */
  get fault(): string {
    return join(this.state, 'fault.json');
  }

  /** Which worse network is on. */
  get degraded(): string {
    return join(this.state, 'degraded.json');
  }

  /** What runs of `failover` have measured, a folder a fault. */
  get failover(): string {
    return join(this.state, 'failover');
  }

  /** What `verify`, or a deploy, has seen last of every path. */
  get verified(): string {
    return join(this.state, 'test', 'verified.json');
  }

  /** What commands have said of themselves, a file a run. */
  get runs(): string {
    return join(this.state, 'runs');
  }

  /** What was gathered after failures, a file a run. */
  get evidence(): string {
    return join(this.state, 'evidence');
  }

  get running(): string {
    return join(this.state, 'running');
  }

  /** Who this folder is to Docker. */
  get owner(): string {
    return join(this.state, OWNER_FILE);
  }

  /** A command to paste, for this lab: `npm run deploy -- --lab FILE`; the lab goes unsaid where it is the default. */
  readonly command: CommandLine = (command, ...options) => {
    const lab = this.labFile === join(this.#cwd, 'lab.yaml') ? [] : ['--lab', this.show(this.labFile)];
    const option = command === 'synth' ? '--out' : '--dist';
    const dist = this.dist === distBeside(this.labFile) ? [] : [option, this.show(this.dist)];
    return plainCommand(command, ...lab, ...dist, ...options);
  };

  /** A path as the user would type it: relative where that is shorter. */
  show(path: string): string {
    const short = relative(this.#cwd, path);
    return short.length < path.length ? short || '.' : path;
  }
}
