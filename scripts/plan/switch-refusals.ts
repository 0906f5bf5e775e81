import type { Lab, Region, Values } from '../../lab/lab.ts';
import { valueAt } from '../../lab/values.ts';
import type { CommandLine } from '../files/paths.ts';
import type { Observed } from '../observe/observed.ts';
import type { Refusal } from './refusal.ts';

/**
 * Switches that Cilium does not change in place in the way that the run would: an encryption for a part of the mesh ("mixed mode
 * is currently not supported", its guide to WireGuard) or for another encryption, and an MCS-API that goes. Pure.
 */
export function switchRefusals(lab: Lab, regions: readonly Region[], observed: Observed, line: CommandLine): Refusal[] {
  const valuesOf = ({ name }: Region): Values | undefined => observed.regions.get(name)?.cluster?.release?.values;
  const chosen = new Set(regions.map(({ name }) => name));
  const left = lab.regions.filter(({ name }) => !chosen.has(name));
  return [
    ...regions.flatMap((region) => regionRefusals(lab, region, valuesOf(region), line)),
    ...left.flatMap((region) => leftOut(lab, region, valuesOf(region), line)),
  ];
}

function regionRefusals({ switches }: Lab, { name }: Region, values: Values | undefined, line: CommandLine): Refusal[] {
  if (values === undefined) return [];
  const wanted = switches.encryption;
  const living = encryptionOf(values);
  const direct = ![living, wanted].includes('none') && living !== wanted;
  const hasMcs = valueAt(values, ['clustermesh', 'mcsapi', 'enabled']) === true;
  return [
    ...(direct
      ? [
          {
            cause: `${name} encrypts by ${living}, lab.yaml says ${wanted}: agents with the one do not understand those with the other`,
            remedy: 'deploy with `encryption: none` in lab.yaml first; or put it back',
          },
        ]
      : []),
    ...(hasMcs && !switches.mcs
      ? [
          {
            cause: `${name} has the MCS-API, lab.yaml has not: its CoreDNS goes on to ask for what it could not read any more`,
            remedy: `this cannot be changed in place: ${line('destroy', '--region', name)}, then deploy again; or put \`mcs: true\` back`,
          },
        ]
      : []),
  ];
}

function leftOut({ switches }: Lab, { name }: Region, values: Values | undefined, line: CommandLine): Refusal[] {
  if (values === undefined || encryptionOf(values) === switches.encryption) return [];
  return [
    {
      cause: `this run leaves out ${name}, which lives with cilium.encryption ${encryptionOf(values)}, and lab.yaml says ${switches.encryption}: regions that encrypt do not reach those that do not`,
      remedy: `all regions in one run: ${line('deploy')}`,
    },
  ];
}

/** As the release has it; the chart's own default of the type is ipsec. */
export function encryptionOf(values: Values): string {
  if (valueAt(values, ['encryption', 'enabled']) !== true) return 'none';
  const type = valueAt(values, ['encryption', 'type']) ?? 'ipsec';
  return typeof type === 'string' ? type : 'none';
}
