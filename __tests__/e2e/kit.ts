import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execaSync } from 'execa';
import { type StackName, stacks } from '../../lab/stacks.ts';
import { variableOf } from '../../scripts/supply/programs.ts';
import { publishedPrograms } from '../../scripts/supply/published.ts';

/** Where the real programs, images and charts of a lab come from. */
export interface Kit {
  /** `stack:`, `versions:`, `sources:` and `test:` of lab.yaml. */
  readonly labYaml: string;
  /** With the programs on it that tests call themselves. */
  readonly path: string;
  /** Names the kit's programs to the driver, whatever their versions. */
  readonly given: Readonly<Record<string, string>>;
  /** Node image for somebody else's cluster; undefined: kind's own. */
  readonly nodeImage: string | undefined;
}

/** Enough of Cilium's connectivity test to see the data path of every pair; all of it takes a quarter of an hour. */
const tests = 'test: { only: [no-policies/pod-to-pod, no-policies/pod-to-service] }\n';

/** The image of servers and clients where nothing can be pulled, made by probe-image.sh. */
const probeImage = 'clustermesh-lab/probe:e2e';

const programs: Readonly<Record<StackName, string>> = { article: 'bin', current: 'current' };
const manifests: Readonly<Record<StackName, string>> = {
  article: 'metallb-native.yaml',
  current: 'metallb-native-v0.16.1.yaml',
};

/**
 * A stack's part of the kit that `LAB_KIT` names (docs/development.md says what it holds), or the published programs and images
 * with `LAB_E2E=published`.
 * @param images what else the Docker Engine must hold, where nothing can be pulled
 * @returns the kit, or the reason why there is none
 */
export function findKit(env: NodeJS.ProcessEnv, stack: StackName, images: readonly string[] = []): Kit | string {
  const path = env.PATH ?? '';
  if (execaSync('docker', ['info'], { reject: false }).exitCode !== 0) return 'no Docker Engine answers';
  const common = `stack: ${stack}\n${tests}`;
  if (env.LAB_E2E === 'published') return { labYaml: common, path, given: {}, nodeImage: undefined };
  const folder = env.LAB_KIT;
  if (folder === undefined) return 'neither LAB_KIT nor LAB_E2E=published is set';
  const { versions } = stacks[stack];
  const nodeImage = `kindest/node:${versions.kubernetes}`;
  const tools = join(folder, 'real-tools', programs[stack]);
  const chart = join(folder, 'real-node', 'charts', `cilium-${versions.cilium}.tgz`);
  const manifest = join(folder, manifests[stack]);
  const missing = [join(tools, 'cilium'), chart, manifest].filter((file) => !existsSync(file));
  if (missing.length > 0) return `the kit lacks ${missing.join(', ')}`;
  const lacking = [nodeImage, probeImage, ...images].filter((image) => !hasImage(image));
  if (lacking.length > 0) return `the Docker Engine lacks ${lacking.join(', ')}`;
  return {
    labYaml: `${common}${stack === 'current' ? pinnedCli(tools) : ''}sources:
  nodeImage: ${nodeImage}
  ciliumChart: ${chart}
  metallbManifest: ${manifest}
  images: { by: nodes, probe: ${probeImage} }
`,
    path: [tools, path].join(delimiter),
    given: Object.fromEntries(publishedPrograms.map((program) => [variableOf(program), join(tools, program)])),
    nodeImage,
  };
}

/** A CLI older than v0.19.7 is refused with this stack unless it is pinned. */
function pinnedCli(tools: string): string {
  const { stdout } = execaSync(join(tools, 'cilium'), ['version', '--client']);
  return `versions: { ciliumCli: ${/v\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'unknown'} }\n`;
}

function hasImage(name: string): boolean {
  return execaSync('docker', ['image', 'inspect', name], { reject: false }).exitCode === 0;
}
