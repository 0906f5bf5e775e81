import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KnownAddresses } from './addresses.ts';
import { AddressError, Cidr, IpRange } from './cidr.ts';
import { isGenerated, type RegionFileName } from './generated.ts';
import type { Memory } from './memory.ts';
import { POOL_RANGE } from './lb-ipam.ts';
import { isMarked } from './own-place.ts';

/** The output folder of a lab that names no other: `dist/` beside the lab file. */
export function distBeside(labFile: string): string {
  return join(dirname(labFile), 'dist');
}

/** Bytes of the largest file that is read: ten times that of a region of 5000 nodes, the most that Kubernetes supports. */
const LARGEST = 8 * 2 ** 20;

/**
 * What an earlier synth has written into a folder about these regions. Never throws: what is missing, odd, or was not
 * written by synth is not remembered.
 *
 * Read by line, in the very form that synth writes: to parse the YAML would nearly double the time that a synth takes.
 *
 * @param dist the output folder; without synth's mark it is not looked into
 * @param regions names of regions, good for folder names
 */
export function readMemory(dist: string, regions: readonly string[]): Memory {
  if (!isSynthesized(dist)) return new Map();
  const known = regions.map((name) => [name, readRegion(join(dist, name))] as const);
  return new Map(known.filter(([, addresses]) => Object.values(addresses).some((value) => value !== undefined)));
}

function readRegion(folder: string): KnownAddresses {
  const kind = textOf(folder, 'kind.yaml');
  return {
    id: only(textOf(folder, 'cilium-values.yaml'), /^cluster:\n {2}name: .*\n {2}id: ([1-9]\d{0,2})$/gm, Number),
    podSubnet: only(kind, /^ {2}podSubnet: (.+)$/gm, (text) => Cidr.parse(text)),
    serviceSubnet: only(kind, /^ {2}serviceSubnet: (.+)$/gm, (text) => Cidr.parse(text)),
    pool: readPool(folder),
  };
}

/** Of whichever gives the addresses there: MetalLB; or Cilium, with its range, or with CIDRs and their range beside them. */
function readPool(folder: string): IpRange | undefined {
  const metallb = textOf(folder, 'ipaddresspool.yaml');
  if (metallb !== '') return only(metallb, /^ {4}- (.+)$/gm, (text) => IpRange.parse(text));
  const cilium = textOf(folder, 'ciliumloadbalancerippool.yaml').replace(
    /^ {4}- start: (.+)\n {6}stop: /gm,
    '    - $1-',
  );
  const line = new RegExp(`^ {4}(?:- (?=\\d)|${POOL_RANGE}: )(.+)$`, 'gm');
  return only(cilium, line, (text) => IpRange.parse(text));
}

/** What the one line of that form says; undefined where there is none, or several, or no address in it. */
function only<T>(text: string, line: RegExp, read: (value: string) => T): T | undefined {
  const [found, ...more] = [...text.matchAll(line)].map(([, value]) => value);
  if (found === undefined || more.length > 0) return undefined;
  try {
    return read(found);
  } catch (error) {
    if (error instanceof AddressError) return undefined;
    throw error;
  }
}

/** The text of a file that synth has written; else none. */
function textOf(folder: string, name: RegionFileName): string {
  try {
    const file = join(folder, name);
    const status = lstatSync(file);
    if (!status.isFile() || status.size > LARGEST) return '';
    const text = readFileSync(file, 'utf8');
    return isGenerated(text) ? text : '';
  } catch {
    return '';
  }
}

function isSynthesized(dist: string): boolean {
  try {
    return isMarked(dist, 'dist');
  } catch {
    return false;
  }
}
