import { App } from 'cdk8s';
import type { Lab } from '../lab/lab.ts';
import { Region } from './region.ts';

/**
 * The YAML of a lab: path below the output folder (`region-athens/kind.yaml`) to text, regions in the order of lab.yaml.
 *
 * Each region is a cdk8s App of its own: cdk8s walks the whole app for every chart, so that one app of n regions costs n².
 */
export function synthesize(lab: Lab): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const region of lab.regions) {
    // not the region's name, which may be one that the tree of constructs knows already, such as `constructor`
    const construct = new Region(new App(), 'region', { lab, region });
    for (const [name, text] of construct.files()) files.set(`${region.name}/${name}`, text);
  }
  return files;
}
