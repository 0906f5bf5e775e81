import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { poolFilesOf, scenarioFile } from '../../lab/generated.ts';
import type { Lab, Values } from '../../lab/lab.ts';
import { chosen, type ScenarioName } from '../../lab/scenarios.ts';
import type { Paths } from './paths.ts';

/** What the reviewed files in dist/ ask of one region, for comparing with what exists. */
export interface Desired {
  readonly values: Values;
  /** The address pool and its announcement, by `Kind/name`: their specs. */
  readonly poolObjects: ReadonlyMap<string, unknown>;
  /** By scenario: its objects, by `Kind/name`. */
  readonly scenarios: ReadonlyMap<ScenarioName, ReadonlyMap<string, Manifest>>;
}

/** A Kubernetes object as dist/ has it. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [key: string]: unknown;
}

export type DesiredRegions = ReadonlyMap<string, Desired>;

/** Reads dist/; the files are there, since `synth --check` has just found them to be what lab.yaml says. */
export function readDesired(lab: Lab, paths: Paths): DesiredRegions {
  return new Map(
    lab.regions.map(({ name }) => {
      const objects = poolFilesOf(lab).map((file) => read(paths.manifest(name, file))) as {
        kind: string;
        metadata: { name: string };
        spec: unknown;
      }[];
      return [
        name,
        {
          values: read(paths.manifest(name, 'cilium-values.yaml')) as Values,
          poolObjects: new Map(objects.map(({ kind, metadata, spec }) => [`${kind}/${metadata.name}`, spec])),
          scenarios: new Map(
            chosen(lab.scenarios).map((scenario) => [scenario, readAll(paths.manifest(name, scenarioFile(scenario)))]),
          ),
        },
      ];
    }),
  );
}

/** By the rules of YAML 1.1, for which `constructs/region.ts` quotes and by which Helm and kubectl read: there `0o14` is a text. */
function read(file: string): unknown {
  return parse(readFileSync(file, 'utf8'), { version: '1.1' });
}

/** All objects of a file, by `Kind/name`. */
function readAll(file: string): ReadonlyMap<string, Manifest> {
  const documents = parseAllDocuments(readFileSync(file, 'utf8'), { version: '1.1' });
  const objects = documents.map((document) => document.toJS() as Manifest);
  return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
}
