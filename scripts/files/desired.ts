import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { poolFilesOf, type RegionFileName, registryFile, scenarioFile } from '../../lab/generated.ts';
import type { Lab, Values } from '../../lab/lab.ts';
import { chosen, type ScenarioName } from '../../lab/scenarios.ts';
import { once } from '../tools/once.ts';
import type { Paths } from './paths.ts';

/** What the reviewed files in dist/ ask of one region, for comparing with what exists. */
export interface Desired {
  readonly values: Values;
  /** The address pool and its announcement, by `Kind/name`: their specs. */
  readonly poolObjects: ReadonlyMap<string, unknown>;
  /** By host of a registry, in the order of the lab's: whom its nodes ask, as containerd reads it. */
  readonly hosts: ReadonlyMap<string, string>;
  /** What its pods are made of beside Cilium and MetalLB: the probes, and scenarios. */
  readonly texts: ReadonlyMap<string, string>;
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

/** Of what is stopped, started or taken down: it is asked of no file. */
export const nothingDesired: Desired = {
  ...{ values: {}, poolObjects: new Map(), hosts: new Map(), texts: new Map(), scenarios: new Map() },
};

/**
 * Reads dist/; the files are there, since `synth --check` has just found them to be what lab.yaml says. What they mean is worked
 * out when it is first asked for: with `mesh.method: install` the values of a region name all others, and a region that is not
 * there yet is compared with nothing.
 */
export function readDesired(lab: Lab, paths: Paths): DesiredRegions {
  return new Map(lab.regions.map(({ name }) => [name, desiredOf(lab, paths, name)]));
}

function desiredOf(lab: Lab, paths: Paths, name: string): Desired {
  const text = (file: RegionFileName): string => readFileSync(paths.manifest(name, file), 'utf8');
  const texts = {
    values: text('cilium-values.yaml'),
    pool: poolFilesOf(lab).map(text),
    scenarios: chosen(lab.scenarios).map((scenario) => [scenario, text(scenarioFile(scenario))] as const),
    hosts: lab.registries.map(({ host }) => [host, text(registryFile(host))] as const),
    probes: text('probes.yaml'),
  };
  const values = once(() => read(texts.values) as Values);
  const poolObjects = once(() => {
    const objects = texts.pool.map((each) => read(each) as PoolObject);
    return new Map(objects.map(({ kind, metadata, spec }) => [`${kind}/${metadata.name}`, spec]));
  });
  const scenarios = once(() => new Map(texts.scenarios.map(([scenario, each]) => [scenario, readAll(each)])));
  return {
    hosts: new Map(texts.hosts),
    texts: new Map([['probes', texts.probes], ...texts.scenarios]),
    get values() {
      return values();
    },
    get poolObjects() {
      return poolObjects();
    },
    get scenarios() {
      return scenarios();
    },
  };
}

interface PoolObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: unknown;
}

/** By the rules of YAML 1.1, for which `constructs/region.ts` quotes and by which Helm and kubectl read: there `0o14` is a text. */
function read(text: string): unknown {
  return parse(text, { version: '1.1' });
}

/** All objects of a file, by `Kind/name`. */
function readAll(text: string): ReadonlyMap<string, Manifest> {
  const documents = parseAllDocuments(text, { version: '1.1' });
  const objects = documents.map((document) => document.toJS() as Manifest);
  return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
}
