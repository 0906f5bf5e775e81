import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { list } from 'tar';
import { knownKeys, readKeys, type KeyTree } from './chart-keys.ts';

/**
 * The keys that a Cilium chart knows, or undefined where its values.yaml is not at hand: the chart lies elsewhere, is of
 * a version that no stack uses, or cannot be read. To refuse that is Helm's part: a lab without its chart can still be
 * looked at and destroyed.
 * @param source path or URL of a .tgz, or path of a folder; undefined for the published chart.
 * @param version `1.14.2`, of the published chart.
 */
export function chartKeys(source: string | undefined, version: string): KeyTree | undefined {
  if (source === undefined) return committedKeys(version);
  const files = filesOf(source);
  const values = files.find(({ path }) => path === 'values.yaml');
  return (
    values &&
    knownKeys(
      values.text,
      files.filter((file) => file !== values).map(({ text }) => text),
    )
  );
}

/** A file of a chart; its path starts within the chart. */
interface ChartFile {
  readonly path: string;
  readonly text: string;
}

/** values.yaml and the templates, those of the chart itself and not of charts within it. */
const WANTED = /^(values\.yaml$|templates\/)/;

/** Made by `scripts/chart-keys.ts`. */
function committedKeys(version: string): KeyTree | undefined {
  const file = new URL(`chart-keys/cilium-${version}.yaml`, import.meta.url);
  return existsSync(file) ? readKeys(readFileSync(file, 'utf8')) : undefined;
}

/** The wanted files of a chart; none where it cannot be read. */
function filesOf(source: string): readonly ChartFile[] {
  try {
    return statSync(source).isDirectory() ? filesOfFolder(source) : filesOfArchive(source);
  } catch {
    return [];
  }
}

function filesOfFolder(folder: string): ChartFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => WANTED.test(path) && statSync(join(folder, path)).isFile())
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
}

function filesOfArchive(file: string): ChartFile[] {
  const files: ChartFile[] = [];
  list({
    file,
    sync: true,
    onReadEntry: (entry) => {
      const path = entry.path.replace(/^[^/]+\//, '');
      const chunks: Buffer[] = [];
      if (!WANTED.test(path)) return;
      entry.on('data', (chunk) => chunks.push(chunk));
      entry.on('end', () => files.push({ path, text: Buffer.concat(chunks).toString('utf8') }));
    },
  });
  return files;
}
