import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { list } from 'tar';
import { parse } from 'yaml';
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
  const files = filesOf(source, VALUES_AND_TEMPLATES);
  const values = files.find(({ path }) => path === 'values.yaml');
  return (
    values &&
    knownKeys(
      values.text,
      files.filter((file) => file !== values).map(({ text }) => text),
    )
  );
}

/** Version of a chart by its Chart.yaml, such as `1.14.2`; undefined where that is not at hand. @param source as for `chartKeys` */
export function chartVersion(source: string | undefined): string | undefined {
  const [file] = source === undefined ? [] : filesOf(source, /^Chart\.yaml$/);
  const chart = file === undefined ? {} : (parse(file.text) as { version?: unknown } | null);
  return typeof chart?.version === 'string' ? chart.version : undefined;
}

/** A file of a chart; its path starts within the chart. */
interface ChartFile {
  readonly path: string;
  readonly text: string;
}

/** values.yaml and the templates, those of the chart itself and not of charts within it. */
const VALUES_AND_TEMPLATES = /^(values\.yaml$|templates\/)/;

/** Made by `scripts/chart-keys.ts`. */
function committedKeys(version: string): KeyTree | undefined {
  const file = new URL(`chart-keys/cilium-${version}.yaml`, import.meta.url);
  return existsSync(file) ? readKeys(readFileSync(file, 'utf8')) : undefined;
}

/** The wanted files of a chart; none where it cannot be read. */
function filesOf(source: string, wanted: RegExp): readonly ChartFile[] {
  try {
    return statSync(source).isDirectory() ? filesOfFolder(source, wanted) : filesOfArchive(source, wanted);
  } catch {
    return [];
  }
}

function filesOfFolder(folder: string, wanted: RegExp): ChartFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => wanted.test(path) && statSync(join(folder, path)).isFile())
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
}

function filesOfArchive(file: string, wanted: RegExp): ChartFile[] {
  const files: ChartFile[] = [];
  list({
    file,
    sync: true,
    onReadEntry: (entry) => {
      const path = entry.path.replace(/^[^/]+\//, '');
      const chunks: Buffer[] = [];
      if (!wanted.test(path)) return;
      entry.on('data', (chunk) => chunks.push(chunk));
      entry.on('end', () => files.push({ path, text: Buffer.concat(chunks).toString('utf8') }));
    },
  });
  return files;
}
