import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { list } from 'tar';
import { parse } from 'yaml';
import { knownKeys, readKeys, type KeyTree } from './chart-keys.ts';
import { readText } from './text-file.ts';

/** Where a chart comes from: path or URL of a .tgz, or path of a folder; undefined for the published chart. */
type ChartSource = string | undefined;

/**
 * The keys that a Cilium chart knows, or undefined where its values.yaml is not at hand: the chart lies elsewhere, is of
 * a version that no stack uses, or cannot be read. To refuse that is Helm's part: a lab without its chart can still be
 * looked at and destroyed.
 * @param version `1.14.2`, of the published chart.
 */
export function chartKeys(source: ChartSource, version: string): KeyTree | undefined {
  if (source === undefined) return committedKeys(version);
  const files = filesOf(source, VALUES_AND_TEMPLATES);
  const values = files.find(({ path }) => path === 'values.yaml');
  if (values === undefined) return undefined;
  const templates = files.filter((file) => file !== values).map(({ text }) => text);
  return orUndefined(() => knownKeys(values.text, templates));
}

/** Version of a chart by its Chart.yaml, such as `1.14.2`; undefined where that is not at hand. */
export function chartVersion(source: ChartSource): string | undefined {
  const version = orUndefined(() => source && aboutOf(source)?.version);
  return typeof version === 'string' ? version : undefined;
}

/**
 * Why what lies at a path cannot be a chart, to go on where its name ends: `has no Chart.yaml`. Undefined where it may be
 * one: nothing lies there yet, or it is somewhere else than on this machine.
 */
export function chartProblem(source: ChartSource): string | undefined {
  const stat = source === undefined ? undefined : orUndefined(() => statSync(source));
  if (source === undefined || stat === undefined) return undefined;
  if (!stat.isDirectory() && !stat.isFile()) return 'is neither a file nor a folder';
  if (stat.isFile() && stat.size > MOST_BYTES) return `has ${stat.size} bytes, more than a chart has`;
  try {
    const about = aboutOf(source);
    if (about === undefined) return 'has no Chart.yaml';
    return typeof about?.version === 'string' ? undefined : 'has a Chart.yaml without a version';
  } catch {
    return 'has a Chart.yaml that is not YAML';
  }
}

/** Chart.yaml as data; undefined where there is none. @throws where it is not YAML */
function aboutOf(source: string): { readonly version?: unknown } | null | undefined {
  const [file] = filesOf(source, /^Chart\.yaml$/);
  return file === undefined ? undefined : (parse(file.text) as { version?: unknown } | null);
}

/** A file of a chart; its path starts within the chart. */
interface ChartFile {
  readonly path: string;
  readonly text: string;
}

/** values.yaml and the templates, those of the chart itself and not of charts within it. */
const VALUES_AND_TEMPLATES = /^(values\.yaml$|templates\/)/;

/** Of an archive, and of all files together that are read of a chart; Cilium's have less than a tenth. */
const MOST_BYTES = 16 * 2 ** 20;

/** Made by `scripts/chart-keys.ts`. */
function committedKeys(version: string): KeyTree | undefined {
  const file = new URL(`chart-keys/cilium-${version}.yaml`, import.meta.url);
  return existsSync(file) ? readKeys(readFileSync(file, 'utf8')) : undefined;
}

/** The wanted files of a chart; none where it cannot be read. */
function filesOf(source: string, wanted: RegExp): readonly ChartFile[] {
  const files = orUndefined(() => {
    const stat = statSync(source);
    if (stat.isDirectory()) return filesOfFolder(source, wanted);
    return stat.isFile() && stat.size <= MOST_BYTES ? filesOfArchive(source, wanted) : [];
  });
  return files ?? [];
}

/** Looks where a chart has its files, and nowhere else: the folder may be any. */
function filesOfFolder(folder: string, wanted: RegExp): ChartFile[] {
  const templates =
    existsSync(join(folder, 'Chart.yaml')) && wanted === VALUES_AND_TEMPLATES ? templatesOf(folder) : [];
  let left = MOST_BYTES;
  return ['Chart.yaml', 'values.yaml', ...templates].flatMap((path) => {
    const text = wanted.test(path) ? readText(join(folder, path), left).text : undefined;
    left -= text?.length ?? 0;
    return text === undefined ? [] : [{ path, text }];
  });
}

function templatesOf(folder: string): string[] {
  const names = orUndefined(() => readdirSync(join(folder, 'templates'), { recursive: true, encoding: 'utf8' })) ?? [];
  return names.map((name) => join('templates', name));
}

function filesOfArchive(file: string, wanted: RegExp): ChartFile[] {
  const files: ChartFile[] = [];
  let left = MOST_BYTES;
  list({
    file,
    sync: true,
    onReadEntry: (entry) => {
      left -= entry.size;
      if (left < 0) throw new RangeError('an archive that unpacks to more than a chart has');
      const path = entry.path.replace(/^[^/]+\//, '');
      const chunks: Buffer[] = [];
      if (!wanted.test(path)) return;
      entry.on('data', (chunk) => chunks.push(chunk));
      entry.on('end', () => files.push({ path, text: Buffer.concat(chunks).toString('utf8') }));
    },
  });
  return files;
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
