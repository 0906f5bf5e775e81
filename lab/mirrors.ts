import type { Mirrors } from './lab.ts';

/** Hosts of all that is published for a lab: programs, chart, manifest. */
const publishers = [
  'kind.sigs.k8s.io',
  'get.helm.sh',
  'dl.k8s.io',
  'github.com',
  'helm.cilium.io',
  'raw.githubusercontent.com',
];

/** A mirror of files of many hosts, which it fetches when they are first asked for (github.com/DaoCloud/public-binary-files-mirror). */
const china = 'https://files.m.daocloud.io';

/** `mirrors:` of lab.yaml, with what a preset stands for. */
export function mirrorsOf(given: 'china' | Mirrors): Mirrors {
  if (given !== 'china') return given;
  return Object.fromEntries(publishers.map((host) => [host, `${china}/${host}`]));
}
