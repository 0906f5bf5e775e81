import { readFileSync, writeFileSync } from 'node:fs';
import type { Cidr } from '../../lab/cidr.ts';
import { withSubnet } from '../../lab/load.ts';
import type { Session } from './session.ts';
import { writeDist } from './synth.ts';

/** Writes another subnet into lab.yaml, comments kept, and synthesizes again; a lab that it does not fit stays as it was. */
export async function moveSubnet({ paths, env }: Session, subnet: Cidr): Promise<void> {
  const before = readFileSync(paths.labFile, 'utf8');
  writeFileSync(paths.labFile, withSubnet(before, subnet));
  try {
    await writeDist(paths, env);
  } catch (error) {
    writeFileSync(paths.labFile, before);
    throw error;
  }
}
