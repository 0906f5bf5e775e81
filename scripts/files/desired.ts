import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Lab, Values } from '../../lab/lab.ts';
import type { Paths } from './paths.ts';

/** What the reviewed files in dist/ ask of one region, for comparing with what exists. */
export interface Desired {
  readonly values: Values;
  /** IPAddressPool and L2Advertisement, by `Kind/name`: their specs. */
  readonly poolObjects: ReadonlyMap<string, unknown>;
}

export type DesiredRegions = ReadonlyMap<string, Desired>;

/** Reads dist/; the files are there, since `synth --check` has just found them to be what lab.yaml says. */
export function readDesired(lab: Lab, paths: Paths): DesiredRegions {
  return new Map(
    lab.regions.map(({ name }) => {
      const objects = [read(paths.manifest(name, 'ipaddresspool')), read(paths.manifest(name, 'l2advertisement'))] as {
        kind: string;
        metadata: { name: string };
        spec: unknown;
      }[];
      return [
        name,
        {
          values: read(paths.manifest(name, 'cilium-values')) as Values,
          poolObjects: new Map(objects.map(({ kind, metadata, spec }) => [`${kind}/${metadata.name}`, spec])),
        },
      ];
    }),
  );
}

/** By the rules of YAML 1.1, for which `constructs/region.ts` quotes and by which Helm and kubectl read: there `0o14` is a text. */
function read(file: string): unknown {
  return parse(readFileSync(file, 'utf8'), { version: '1.1' });
}
