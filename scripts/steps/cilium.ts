import { stringify } from 'yaml';
import { listed } from '../../lab/listed.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import { hasKvstoremesh } from '../../lab/switches.ts';
import { mergeValues } from '../../lab/values.ts';
import { namespace, revisionSecret, upgrade } from '../tools/helm.ts';
import { apply, deleteObjects } from '../tools/kubectl.ts';
import type { Desired } from '../files/desired.ts';
import { type ObservedCluster, wholeCluster } from '../observe/observed.ts';
import { ipsecManifest } from '../files/ipsec-key.ts';
import { writeSecret } from '../files/secret.ts';
import { caOfValues, type SharedCa } from '../files/shared-ca.ts';
import { type Need, type RegionSituation, type RegionStep, run, skip, type Work } from './step.ts';
import { differences, meshPart, withKvstoremesh, withoutCa } from './values.ts';

/** The Cilium chart with the values of dist/ and the shared CA, where `upgrade` does not do it. */
export const cilium: RegionStep = {
  name: 'cilium',
  title: 'install Cilium by Helm, with the shared CA',
  waitsForPods: true,
  scope: 'region',
  after: ['upgrade'],
  early: ['cluster', 'load'],
  decide(situation) {
    const need = situation.need();
    if (need === undefined) return skip(`${chartName(situation.lab)} with these values`);
    return situation.runs('upgrade', situation.region) ? skip('upgrade does it') : run(need.reason);
  },
  run: install,
};

/** What is to be done about the release of a region; undefined where nothing is. Pure. */
export function needOf({
  lab,
  region,
  wanted,
  cluster,
  observed,
}: Pick<RegionSituation, 'lab' | 'region' | 'wanted' | 'cluster' | 'observed'>): Need | undefined {
  const release = cluster?.release;
  if (release === undefined) return { reason: 'not installed' };
  if (release.status !== 'deployed')
    return { reason: `the release is ${release.status}: a Helm run was cut off or failed` };
  const [idle] = cluster?.ciliumIdle ?? [];
  if (idle !== undefined) return { reason: `${idle} of the release is gone, or scaled to zero` };
  if (!sameCa(caOfValues(release.values), observed.ca)) return { reason: 'its CA is not the shared one' };
  if (lab.switches.encryption === 'ipsec' && !isKey(cluster?.ipsecKey, observed.ipsecKey))
    return { reason: 'its IPsec key is not the shared one' };
  const chart = chartName(lab);
  const changed = differences(withoutCa(release.values), wantedValues(lab, region, release, wanted));
  // regions of which only some encrypt do not reach each other
  const change = changed.some((path) => /^encryption\b/.test(path)) ? 'together' : 'each';
  if (release.chart !== chart) return { reason: `${release.chart} -> ${chart}`, change };
  if (changed.length === 0) return undefined;
  const reason = `values differ at ${listed(changed)}`;
  // what only the mesh is told restarts nobody
  return changed.every((path) => /^(clustermesh|externalWorkloads)\b/.test(path)) ? { reason } : { reason, change };
}

/** Helm forgets what it is not given again, so the values that `clustermesh enable` and `connect` wrote are kept and given first. */
export async function install({ lab, observed, paths, sources, ...work }: Work, region: Region): Promise<void> {
  const target = paths.target(region);
  const release = wholeCluster(region, observed.regions.get(region.name))?.release;
  if (release?.status.startsWith('pending-') === true) {
    // Helm refuses every later upgrade until the revision that was cut off is gone; what it applied is adopted again
    await work.run(deleteObjects(target, namespace, [`secret/${revisionSecret(release.revision)}`]));
  }
  const files = [paths.manifest(region.name, 'cilium-values.yaml'), paths.secretValues('shared-ca')];
  const kept = keptValues(lab, region, release);
  if (Object.keys(kept).length > 0) {
    const mesh = paths.secretValues(`${region.name}-mesh`);
    writeSecret(mesh, stringify(kept));
    files.unshift(mesh);
  }
  // the agents wait for it
  if (lab.switches.encryption === 'ipsec') await work.run(apply(target, [ipsecManifest(paths)]));
  const { versions } = lab.stack;
  const chart = sources.place(lab.sources.ciliumChart);
  // the Job that configures CoreDNS for the MCS-API runs once the network does
  const jobs = lab.switches.mcs ? { jobSeconds: work.patienceSeconds } : {};
  await work.run(upgrade(target, { chart, version: versions.cilium, values: files, ...jobs }));
}

/** As Helm names it: `cilium-1.14.2`. */
export function chartName(lab: Lab): string {
  return `cilium-${lab.stack.versions.cilium}`;
}

/** With `mesh.method: install` dist/ holds the whole mesh, and nothing needs to be kept. */
function keptValues(lab: Lab, region: Region, release: ObservedCluster['release']): Desired['values'] {
  if (release === undefined || lab.meshMethod === 'install') return {};
  return withKvstoremesh(meshPart(release.values, new Set(region.links)), hasKvstoremesh(lab));
}

function wantedValues(
  lab: Lab,
  region: Region,
  release: ObservedCluster['release'],
  wanted: Desired,
): Desired['values'] {
  return mergeValues(keptValues(lab, region, release), wanted.values);
}

function sameCa(one: SharedCa | undefined, other: SharedCa | undefined): boolean {
  return one !== undefined && one.certificate === other?.certificate && one.key === other.key;
}

function isKey(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one === other;
}
