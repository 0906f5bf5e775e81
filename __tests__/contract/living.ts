import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agentDigest } from '../../lab/published.ts';
import { loadLab } from '../../lab/load.ts';
import { makeSite, type Site } from '../driver/drive.ts';
import { downloadSite } from '../stand-ins/download-site.ts';
import { probeByDigest, type Tool } from '../stand-ins/lab-bench.ts';
import { answerTo } from './answers.ts';
import { living, type Named } from './living-cases.ts';

/** A real lab that is deployed, and whole. */
export interface LivingLab {
  /** With its lab.yaml. */
  readonly folder: string;
  /** The programs that made it. */
  readonly program: (tool: string) => string;
  /** Of these programs. */
  readonly env: Readonly<Record<string, string>>;
}

/** Deploys the same lab on the stand-ins, and asks both the same. @param lab asked for once it lives */
export function livingContract(lab: () => LivingLab): void {
  let site: Site;
  beforeAll(async () => {
    site = await sameOnStandIns(lab());
  });
  afterAll(() => {
    site.dispose();
  });

  // the lines are known by the lab alone, their number is not
  const placeholders: Named = { network: 'N', region: 'R', node: 'R-control-plane', kubeconfig: 'K', pool: '' };
  const calls = living(placeholders).map(({ line }, index): [string, number] => [
    String(line).replace(/ --kubeconfig K --context \S+| --kubeconfig K --kube-context \S+/, ''),
    index,
  ]);
  it.each(calls)('answers as its stand-in: %s', (_line, index) => {
    const { folder, program, env } = lab();
    const [real, standIn] = [folder, site.file('.')].map((place) => living(namesIn(place))[index]);
    if (real === undefined || standIn === undefined) throw new Error('no such case');

    const fromStandIn = answerTo(standIn, (name) => site.bench.program(name as Tool), site.bench.env);

    expect(plain(fromStandIn)).toEqual(plain(answerTo(real, program, env)));
  });
}

/** Without what is drawn anew by every run. */
const plain = (answer: ReturnType<typeof answerTo>): ReturnType<typeof answerTo> => ({
  ...answer,
  stdout: plainText(answer.stdout),
  stderr: plainText(answer.stderr),
});

const plainText = (text: string): string =>
  text
    // of `cilium status`: which images run how often, which the stand-ins do not know and nobody reads
    .replaceAll(/^(?:Containers: |Cluster Pods: |Image versions {2}| {23}\S).*\n/gm, '')
    // those of the probes are remembered for a while, and nobody reads their number
    .replaceAll(/Global services: \[.*\]/g, 'Global services: [ N ]')
    .replaceAll(/\S*\/kubeconfig\/\S+/g, 'KUBECONFIG')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    // which address of its pool: Services that wait when MetalLB comes up get theirs in no order
    .replaceAll(/\b(\d+\.\d+\.\d+)\.\d+:2379\b/g, '$1.N:2379')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'ID');

function namesIn(folder: string): Named {
  const lab = loadLab(join(folder, 'lab.yaml'));
  const [region] = lab.regions;
  if (region === undefined) throw new Error('no region');
  const pool = readFileSync(join(folder, 'dist', region.name, 'ipaddresspool.yaml'), 'utf8');
  return {
    ...{ network: lab.network.name, region: region.name, node: region.nodes[0] ?? '', pool },
    kubeconfig: join(folder, '.lab', lab.name, 'kubeconfig', region.name),
  };
}

/** As a program says it: `v1.27.1`. */
function versionOf({ program, env }: LivingLab, tool: string, ...args: string[]): string {
  return /v\d+\.\d+\.\d+/.exec(execFileSync(program(tool), args, { env, encoding: 'utf8' }))?.[0] ?? '';
}

async function sameOnStandIns(real: LivingLab): Promise<Site> {
  const { folder } = real;
  const versions = {
    kind: versionOf(real, 'kind', 'version'),
    helm: versionOf(real, 'helm', 'version'),
    kubectl: versionOf(real, 'kubectl', 'version', '--client'),
    cilium: versionOf(real, 'cilium', 'version', '--client'),
  };
  const file = join(folder, 'lab.yaml');
  const { stack, network, regions } = loadLab(file);
  const { sources, currentSources } = await downloadSite();
  const text = readFileSync(file, 'utf8').replace(/^(?:sources|network|versions):.*\n(?:[ #].*\n)*/gm, '');
  const site = await makeSite(
    `${text}versions: { kind: ${versions.kind}, helm: ${versions.helm}, kubectl: ${versions.kubectl}, ciliumCli: ${versions.cilium} }\nnetwork: { subnet: ${network.subnet} }\n${stack.name === 'current' ? currentSources : sources}`,
    {
      // MetalLB's webhook is up
      webhookFailures: 0,
      machine: {
        versions,
        registry: [
          regions[0]?.nodeImage ?? '',
          stack.nodeImage,
          `quay.io/cilium/cilium:v${stack.versions.cilium}@${agentDigest(stack.versions.cilium) ?? ''}`,
          probeByDigest,
        ],
      },
    },
  );
  const { exit, stdout, stderr } = await site.run('deploy', '--skip-test');
  if (exit !== 0) throw new Error(`the stand-ins have no such lab:\n${stdout}${stderr}`);
  if (!existsSync(namesIn(site.file('.')).kubeconfig)) throw new Error('no kubeconfig');
  return site;
}
