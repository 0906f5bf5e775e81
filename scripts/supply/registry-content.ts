import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A manifest that a registry has. */
export interface HeldManifest {
  /** `cilium/cilium` */
  readonly repository: string;
  /** `sha256:…` */
  readonly digest: string;
  /** Those that lead to it. */
  readonly tags: readonly string[];
  /** Milliseconds since the epoch: when it came. */
  readonly since: number;
}

const REVISION = /^(.+)\/_manifests\/revisions\/sha256\/([0-9a-f]{64})\/link$/;
const TAG = /^(.+)\/_manifests\/tags\/([^/]+)\/current\/link$/;

/**
 * The manifests of a registry of CNCF distribution, by the small files of its `repositories` (registry/storage/paths.go): it tells them
 * itself by their tags alone, and asks its upstream for those.
 * @param folder a copy of that folder
 */
export function heldManifests(folder: string): HeldManifest[] {
  if (!existsSync(folder)) return [];
  const links = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && each.name === 'link')
    .map((each) => relative(folder, join(each.parentPath, each.name)));
  const tags = links.flatMap((path) => {
    const [, repository = '', tag = ''] = TAG.exec(path) ?? [];
    return tag === '' ? [] : [{ repository, tag, digest: readFileSync(join(folder, path), 'utf8').trim() }];
  });
  return links.flatMap((path) => {
    const [, repository = '', hex] = REVISION.exec(path) ?? [];
    if (hex === undefined) return [];
    const digest = `sha256:${hex}`;
    const own = tags.filter((each) => each.repository === repository && each.digest === digest);
    const since = statSync(join(folder, path)).mtimeMs;
    return [{ repository, digest, tags: own.map(({ tag }) => tag).toSorted(), since }];
  });
}

/** Where a registry keeps the small files, below its folder. */
export const REPOSITORIES = 'docker/registry/v2/repositories';
