import { dirname, resolve } from 'node:path';
import { chartKeys, chartProblem, chartVersion } from './chart.ts';
import { unknownValues } from './chart-keys.ts';
import { check, givenValues } from './check.ts';
import { readDocument } from './document.ts';
import { readInput, type ReadInput } from './input.ts';
import type { Lab } from './lab.ts';
import { readManifest } from './manifest.ts';
import { isWithin, LabError, type Path, type Problem, pathText } from './problems.ts';
import { distBeside, readMemory } from './read-memory.ts';
import { resolveLab } from './resolve.ts';
import type { LabInput } from './schema.ts';
import { shown } from './shown.ts';
import { resolveStack } from './stacks.ts';
import { readText } from './text-file.ts';

export { withSubnet } from './document.ts';

/**
 * Reads a lab file and decides everything about the lab. Regions keep the addresses that an earlier synth gave them, so
 * whoever names another output folder than the default must name it here too: else two commands see two labs.
 * @param file path of the lab file; relative paths in its `sources` start at its folder.
 * @param dist the output folder, in which the earlier synth is found; by default `dist/` beside the lab file
 * @throws LabError with every problem of the file at once, each with line and column.
 */
export function loadLab(file: string, dist: string = distBeside(file)): Lab {
  const document = readDocument(textOf(file));
  if (document.problems.length > 0) throw new LabError(file, document.problems);
  const fail = (problems: readonly Problem[]) => new LabError(file, problems.map(document.locate));
  const read = readInput(document.data);
  if (read.input === undefined) throw fail(read.problems);
  const input = withAbsoluteSources(read.input, dirname(resolve(file)));
  const problems = [...read.problems, ...withoutRepeats(check(input, read.refused), checkSources(input, read.refused))];
  if (problems.length > 0) throw fail(problems);
  const memory = readMemory(
    dist,
    input.regions.map(({ name }) => name),
  );
  const result = resolveLab(input, memory);
  if ('problems' in result) throw fail(result.problems);
  return result.lab;
}

/** A lab of the most regions, each with values of its own, has half of it; YAML of this size is read in half a second. */
const MOST_BYTES = 2 ** 19;

function textOf(file: string): string {
  const read = readText(file, MOST_BYTES);
  if (read.problem === undefined) return read.text;
  const remedy = read.isNoText ? 'Save it as UTF-8.' : 'Name another with --lab FILE.';
  const message = read.isMissing
    ? 'There is no such file. Create it, or name another with --lab FILE.'
    : `This ${read.problem}. ${remedy}`;
  throw new LabError(file, [{ path: [], message }]);
}

/** Both, the second without places of the first: a value that is not the user's need not be known to the chart too. */
function withoutRepeats(first: readonly Problem[], second: readonly Problem[]): Problem[] {
  const told = new Set(first.map(({ path }) => pathText(path)));
  return [...first, ...second.filter(({ path }) => !told.has(pathText(path)))];
}

function withAbsoluteSources(input: LabInput, folder: string): LabInput {
  const absolute = (place: string | undefined) =>
    place === undefined || /^[a-z][a-z0-9+.-]*:\/\//.test(place) ? place : resolve(folder, place);
  const { ciliumChart, metallbManifest } = input.sources;
  return {
    ...input,
    sources: {
      ...input.sources,
      ciliumChart: absolute(ciliumChart),
      metallbManifest: absolute(metallbManifest),
    },
  };
}

/** What can be told of the files that the lab names, and of the chart's values, where none of it was refused already. */
function checkSources(input: LabInput, refused: ReadInput['refused']): Problem[] {
  const isRefused = (path: Path) => refused.some((place) => isWithin(path, place));
  const chart = [['stack'], ['versions', 'cilium'], ['sources', 'ciliumChart']];
  const manifest = [['stack'], ['versions', 'metallb'], ['sources', 'metallbManifest']];
  return [
    ...(chart.some(isRefused) ? [] : [...checkChart(input), ...checkValues(input)]),
    ...(manifest.some(isRefused) ? [] : checkManifest(input)),
  ];
}

/** A chart of another version than the lab's would be installed with the wrong image, and again by every deploy. */
function checkChart({ stack, versions: pins, sources: { ciliumChart } }: LabInput): Problem[] {
  const { versions } = resolveStack(stack, pins);
  const path = ['sources', 'ciliumChart'];
  const text = `sources.ciliumChart ${shown(String(ciliumChart))}`;
  const problem = chartProblem(ciliumChart);
  if (problem !== undefined) return [{ path, message: `${text} ${problem}. Name a .tgz of the chart, or its folder.` }];
  const found = chartVersion(ciliumChart);
  if (found === undefined || found === versions.cilium) return [];
  const message = `${text} is a chart of Cilium ${shown(found)}, and the lab has ${versions.cilium}. Set versions.cilium to ${shown(found)}, or name another chart.`;
  return [{ path, message }];
}

/** The same of MetalLB, whose version every deploy compares with that of the running controller. */
function checkManifest({ stack, versions: pins, sources: { metallbManifest }, loadBalancer }: LabInput): Problem[] {
  if (loadBalancer.by !== 'metallb') return [];
  const { versions } = resolveStack(stack, pins);
  const path = ['sources', 'metallbManifest'];
  const text = `sources.metallbManifest ${shown(String(metallbManifest))}`;
  const { version, problem } = readManifest(metallbManifest);
  if (problem !== undefined)
    return [{ path, message: `${text} ${problem}. Name the file of MetalLB's native manifest.` }];
  if (version === undefined || version === versions.metallb) return [];
  const message = `${text} is of MetalLB ${version}, and the lab has ${versions.metallb}. Set versions.metallb to ${version}, or name another manifest.`;
  return [{ path, message }];
}

/** Helm takes unknown values in silence; so they are checked here, where the chart's keys are at hand. */
function checkValues(input: LabInput): Problem[] {
  const given = givenValues(input).filter(({ values }) => Object.keys(values).length > 0);
  if (given.length === 0) return [];
  const { versions } = resolveStack(input.stack, input.versions);
  const { ciliumChart } = input.sources;
  const keys = chartKeys(ciliumChart, versions.cilium);
  if (keys === undefined) return [];
  const chart = ciliumChart === undefined ? `the Cilium ${versions.cilium} chart` : `the chart ${shown(ciliumChart)}`;
  return given.flatMap(({ values, path }) => unknownValues(values, keys, path, chart));
}
