import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { dockerForKind, writeDockerForKind } from '../../../scripts/files/docker-for-kind.ts';
import { eachInFolder } from '../../each-in-folder.ts';

const addresses = new Map([
  ['region-athens-control-plane', '172.19.0.2'],
  ['region-athens-worker', '172.19.0.3'],
]);

const { at } = eachInFolder();

/** What docker is called with, where kind calls the first one of its PATH. */
function called(...args: string[]): string {
  const [first, second] = [at('first'), at('second')];
  writeDockerForKind(first, addresses);
  mkdirSync(second, { recursive: true });
  writeFileSync(join(second, 'docker'), '#!/bin/sh\nprintf "%s|" "$@"\n');
  chmodSync(join(second, 'docker'), 0o755);
  const PATH = [first, second, process.env.PATH].join(delimiter);
  return execFileSync('docker', args, { env: { PATH }, encoding: 'utf8' });
}

it.each([
  {
    what: 'a node is made',
    args: ['run', '--name', 'region-athens-worker', '--hostname', 'a b', '--label', "it's"],
    all: "run|--ip|172.19.0.3|--name|region-athens-worker|--hostname|a b|--label|it's|",
  },
  {
    what: 'another container is made',
    args: ['run', '--name', 'region-athens-worker2', 'image'],
    all: 'run|--name|region-athens-worker2|image|',
  },
  { what: 'anything else is asked', args: ['ps', '--all', '', '*'], all: 'ps|--all||*|' },
])('WHEN $what THEN docker is called so', ({ args, all }) => {
  expect(called(...args)).toBe(all);
});

it('GIVEN no address THEN docker is called as it is', () => {
  expect(dockerForKind(new Map())).toBe(`#!/bin/sh
# kind has no option for the addresses of its nodes: it calls this for docker while it makes them.
PATH=\${PATH#*:}
case "$1 $2 $3" in
esac
exec docker "$@"
`);
});

it('GIVEN a folder that cannot stand in a PATH THEN there is none', () => {
  expect(writeDockerForKind(at(`a${delimiter}b`), addresses)).toBeUndefined();
});
