import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { replaceFile } from './replace-file.ts';

/**
 * What kind calls for docker while it makes one cluster: docker itself, which gives each node the address that was chosen for
 * it. kind has no option for that, and calls `docker run --name NODE …` (kind v0.20 to v0.32,
 * pkg/cluster/internal/providers/docker/provision.go).
 */
export function dockerForKind(addresses: ReadonlyMap<string, string>): string {
  const cases = [...addresses].map(
    ([node, address]) => `  "run --name ${node}") shift; exec docker run --ip ${address} "$@" ;;`,
  );
  return [
    '#!/bin/sh',
    '# kind has no option for the addresses of its nodes: it calls this for docker while it makes them.',
    // this folder is the first of them
    'PATH=${PATH#*:}',
    'case "$1 $2 $3" in',
    ...cases,
    'esac',
    'exec docker "$@"',
    '',
  ].join('\n');
}

/**
 * Writes it into a folder.
 * @returns the folder; undefined where its name cannot stand in a PATH
 */
export function writeDockerForKind(folder: string, addresses: ReadonlyMap<string, string>): string | undefined {
  if (folder.includes(delimiter)) return undefined;
  mkdirSync(folder, { recursive: true });
  replaceFile(join(folder, 'docker'), dockerForKind(addresses), 0o755);
  return folder;
}
