import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Paths } from './paths.ts';
import { replaceFile } from './replace-file.ts';

/**
 * The namespace and the kinds of MetalLB's manifest, in a file of their own.
 * @returns the file; undefined where the manifest is none that can be read
 */
export function writeKinds(paths: Paths, manifest: string): string | undefined {
  try {
    const kinds = kindsIn(readFileSync(manifest, 'utf8'));
    if (kinds === '') return undefined;
    mkdirSync(dirname(paths.metallbKinds), { recursive: true });
    replaceFile(paths.metallbKinds, kinds);
    return paths.metallbKinds;
  } catch {
    return undefined;
  }
}

/** Of a manifest, as YAML: what must be there before a pool is. Empty where it has none of it. */
export function kindsIn(manifest: string): string {
  const documents = parseAllDocuments(manifest, { version: '1.1' });
  return documents
    .filter((document) => /^(Namespace|CustomResourceDefinition)$/.test(String(document.get('kind'))))
    .map((document) => manifest.slice(document.range[0], document.range[1]))
    .map((text) => `---\n${text.replace(/^---\s*\n/, '').trimEnd()}\n`)
    .join('');
}
