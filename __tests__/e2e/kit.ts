import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execaSync } from 'execa';

/** Where the real programs, images and charts of a lab come from. */
export interface Kit {
  /** `sources:` and `versions:` of lab.yaml. */
  readonly labYaml: string;
  readonly path: string;
  /** Node image for a quick foreign cluster; undefined: kind's own. */
  readonly foreignNodeImage: string | undefined;
}

/** Enough of Cilium's connectivity test to see the data path of every pair; all of it takes a quarter of an hour. */
const tests = 'test: { only: [no-policies/pod-to-pod, no-policies/pod-to-service] }\n';

const nodeImage = 'kindest/node:v1.27.3';

/**
 * The kit that `LAB_KIT` names (its folder holds `real-tools/bin`, `real-node/charts` and `metallb-native.yaml`, and the
 * Docker Engine its node image), or the published programs and images with `LAB_E2E=published`.
 * @returns the kit, or the reason why there is none
 */
export function findKit(env: NodeJS.ProcessEnv): Kit | string {
  const path = env.PATH ?? '';
  if (execaSync('docker', ['info'], { reject: false }).exitCode !== 0) return 'no Docker Engine answers';
  if (env.LAB_E2E === 'published') return { labYaml: tests, path, foreignNodeImage: undefined };
  const folder = env.LAB_KIT;
  if (folder === undefined) return 'neither LAB_KIT nor LAB_E2E=published is set';
  const chart = join(folder, 'real-node', 'charts', 'cilium-1.14.2.tgz');
  const manifest = join(folder, 'metallb-native.yaml');
  const missing = [chart, manifest].filter((file) => !existsSync(file));
  if (missing.length > 0) return `the kit lacks ${missing.join(', ')}`;
  if (!hasImage(nodeImage)) return `the Docker Engine lacks the kit's ${nodeImage}`;
  return {
    labYaml: `sources:
  nodeImage: ${nodeImage}
  ciliumChart: ${chart}
  metallbManifest: ${manifest}
  images: { preload: false }
${tests}`,
    path: [join(folder, 'real-tools', 'bin'), path].join(delimiter),
    foreignNodeImage: hasImage('fake-node:v1.27.3') ? 'fake-node:v1.27.3' : nodeImage,
  };
}

function hasImage(name: string): boolean {
  return execaSync('docker', ['image', 'inspect', name], { reject: false }).exitCode === 0;
}
