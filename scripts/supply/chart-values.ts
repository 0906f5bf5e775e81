import { chartKeys } from '../../lab/chart.ts';
import { unknownValues } from '../../lab/chart-keys.ts';
import type { Lab } from '../../lab/lab.ts';
import { publishedChart } from '../../lab/published.ts';
import type { SourceFiles } from './sources.ts';

/**
 * Values of lab.yaml that the chart does not know, in sentences: Helm takes them in silence. A chart of the stacks, or of this
 * machine, is asked when lab.yaml is read; one that is downloaded, once it is there.
 */
export function unknownToChart({ sources, stack: { versions }, regions }: Lab, files: SourceFiles): string[] {
  const { ciliumChart } = sources;
  if (!('url' in ciliumChart)) return [];
  const isOfStack = ciliumChart.url === publishedChart(versions.cilium).url;
  if (isOfStack && chartKeys(undefined, versions.cilium) !== undefined) return [];
  const place = files.placeOf(ciliumChart);
  const keys = place === undefined ? undefined : chartKeys(place, versions.cilium);
  if (keys === undefined) return [];
  const chart = `the Cilium ${versions.cilium} chart`;
  const told = regions.flatMap(({ values }) => unknownValues(values, keys, ['cilium', 'values'], chart));
  return [...new Set(told.map(({ message }) => message))];
}
