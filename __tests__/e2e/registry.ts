import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { parseDocument } from 'yaml';
import type { Kit } from './kit.ts';

/** A registry of this machine with all images of a lab: by a program that starts and stops it (docs/development.md). */
const program = process.env.LAB_REGISTRY ?? '';

/** Images of the lab have other digests there than charts pin. */
const noDigests = parseDocument(`
image: { useDigest: false }
operator: { image: { useDigest: false } }
certgen: { image: { useDigest: false } }
envoy: { image: { useDigest: false } }
hubble:
  relay: { image: { useDigest: false } }
  ui: { frontend: { image: { useDigest: false } }, backend: { image: { useDigest: false } } }
clustermesh:
  apiserver:
    image: { useDigest: false }
    etcd: { image: { useDigest: false } }
    kvstoremesh: { image: { useDigest: false } }
`).toJS() as object;

/** A registry that stands for all others, and what it was asked for. */
export class Upstream {
  readonly #folder = mkdtempSync(join(tmpdir(), 'registry-'));
  /** As nodes and caches reach it. */
  url = '';

  /** Why there is none; undefined where there is. */
  static get missing(): string | undefined {
    return program === '' ? 'LAB_REGISTRY names no program that starts a registry' : undefined;
  }

  async start(): Promise<void> {
    const { stdout } = await execa(program, [this.#folder]);
    this.url = /registry: (\S+) for containers/.exec(stdout)?.[1] ?? '';
  }

  async stop(): Promise<void> {
    await execa(program, [this.#folder, 'stop']);
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  forget(): void {
    writeFileSync(join(this.#folder, 'access.log'), '');
  }

  /** How often each blob was asked for, by its path; and bytes that went out in all. */
  asked(): { readonly blobs: ReadonlyMap<string, number>; readonly bytes: number } {
    const blobs = new Map<string, number>();
    let bytes = 0;
    const log = readFileSync(join(this.#folder, 'access.log'), 'utf8');
    for (const [, path = '', size] of log.matchAll(/"GET (\/v2\/\S+) HTTP[^"]*" 200 (\d+)/g)) {
      bytes += Number(size);
      if (path.includes('/blobs/')) blobs.set(path, (blobs.get(path) ?? 0) + 1);
    }
    return { blobs, bytes };
  }
}

/**
 * A lab of the kit whose nodes have nothing but Kubernetes's own, and whose images come from a registry.
 * @param images `sources.images`, without the probe
 * @param agent name of the agent's image @default - the chart's
 */
export function fromRegistry(kit: Kit, url: string, images: string, agent?: string): Kit {
  const [probe = ''] = /probe: [^ ]+/.exec(kit.labYaml) ?? [];
  const values = { ...noDigests, ...(agent !== undefined && { image: { useDigest: false, override: agent } }) };
  return {
    ...kit,
    labYaml: `${kit.labYaml
      .replace(/nodeImage: (\S+)/, 'nodeImage: $1-bare')
      .replace(
        / {2}images: .*/,
        `  images: { ${images}, ${probe} }`,
      )}  mirrors: { quay.io: '${url}', docker.io: '${url}', registry.k8s.io: '${url}' }
cilium: ${JSON.stringify({ values })}
`,
  };
}

/** Removes caches that asked such a registry, with all that they hold. @param keeps their volumes */
export function removeCaches(url: string, keeps = false): void {
  const filter = `label=clustermesh-lab.cache`;
  const format = '{{.Names}} {{.Label "clustermesh-lab.cache.upstream"}}';
  const { stdout } = execaSync('docker', ['ps', '--all', '--filter', filter, '--format', format]);
  for (const line of stdout.split('\n').filter((each) => each !== '')) {
    const [name = '', upstream] = line.split(' ');
    // one that asks nobody has it in its name alone
    if (upstream !== url && !/-[0-9a-f]{8}$/.test(name)) continue;
    execaSync('docker', ['rm', '--force', name]);
    if (!keeps) execaSync('docker', ['volume', 'rm', name]);
  }
}
