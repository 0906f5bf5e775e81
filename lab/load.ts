import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { chartKeys, chartVersion } from './chart.ts';
import { unknownValues } from './chart-keys.ts';
import { check } from './check.ts';
import { readDocument } from './document.ts';
import { readInput, type ReadInput } from './input.ts';
import type { Lab } from './lab.ts';
import { isWithin, LabError, type Problem } from './problems.ts';
import { resolveLab } from './resolve.ts';
import type { LabInput } from './schema.ts';
import { resolveStack } from './stacks.ts';

export { withSubnet } from './document.ts';

/**
 * Reads a lab file and decides everything about the lab.
 * @param file path of the lab file; relative paths in its `sources` start at its folder.
 * @throws LabError with every problem of the file at once, each with line and column.
 */
export function loadLab(file: string): Lab {
  const document = readDocument(textOf(file));
  if (document.problems.length > 0) throw new LabError(file, document.problems);
  const fail = (problems: readonly Problem[]) => new LabError(file, problems.map(document.locate));
  const read = readInput(document.data);
  if (read.input === undefined) throw fail(read.problems);
  const input = withAbsoluteSources(read.input, dirname(resolve(file)));
  const problems = [...read.problems, ...check(input, read.refused), ...checkChart(input, read.refused)];
  if (problems.length > 0) throw fail(problems);
  const result = resolveLab(input);
  if ('problems' in result) throw fail(result.problems);
  return result.lab;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const message =
      code === 'ENOENT'
        ? 'There is no such file. Create it, or name another with --lab FILE.'
        : `The file cannot be read: ${error instanceof Error ? error.message : String(error)}. Name another with --lab FILE.`;
    throw new LabError(file, [{ path: [], message }]);
  }
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

/** What can be told of the chart and its values, where neither was refused already. */
function checkChart(input: LabInput, refused: ReadInput['refused']): Problem[] {
  const reads = [['stack'], ['versions', 'cilium'], ['sources', 'ciliumChart']];
  if (reads.some((path) => refused.some((place) => isWithin(path, place)))) return [];
  return [...checkVersion(input), ...checkValues(input)];
}

/** A chart of another version than the lab's would be installed with the wrong image, and again by every deploy. */
function checkVersion({ stack, versions: pins, sources: { ciliumChart } }: LabInput): Problem[] {
  const { versions } = resolveStack(stack, pins);
  const found = chartVersion(ciliumChart);
  if (found === undefined || found === versions.cilium) return [];
  const message =
    `sources.ciliumChart ${String(ciliumChart)} is a chart of Cilium ${found}, and the lab has ${versions.cilium}. ` +
    `Set versions.cilium to ${found}, or name another chart.`;
  return [{ path: ['sources', 'ciliumChart'], message }];
}

/** Helm takes unknown values in silence; so they are checked here, where the chart's keys are at hand. */
function checkValues(input: LabInput): Problem[] {
  const given = [
    { values: input.cilium.values, path: ['cilium', 'values'] },
    ...input.regions.map(({ cilium }, index) => ({
      values: cilium.values,
      path: ['regions', index, 'cilium', 'values'],
    })),
  ].filter(({ values }) => Object.keys(values).length > 0);
  if (given.length === 0) return [];
  const { versions } = resolveStack(input.stack, input.versions);
  const { ciliumChart } = input.sources;
  const keys = chartKeys(ciliumChart, versions.cilium);
  if (keys === undefined) return [];
  const chart = ciliumChart === undefined ? `the Cilium ${versions.cilium} chart` : `the chart ${ciliumChart}`;
  return given.flatMap(({ values, path }) => unknownValues(values, keys, path, chart));
}
