import { poolFilesOf } from '../../lab/generated.ts';
import type { Lab, Region, Source } from '../../lab/lab.ts';
import * as cilium from '../tools/cilium.ts';
import type { Command } from '../tools/command.ts';
import * as docker from '../tools/docker.ts';
import * as helm from '../tools/helm.ts';
import * as kind from '../tools/kind.ts';
import * as kubectl from '../tools/kubectl.ts';
import type { Paths } from '../files/paths.ts';
import type { StepName } from '../steps/step.ts';

/** A command of the article, under the name of the step that does the same. */
export interface Typed {
  readonly step: StepName;
  readonly command: Command;
}

/** Seconds that each wait may take. */
const patience = 600;

/**
 * The article's commands in the article's order, one after the other, for any number of regions: with waits in the place
 * of its sleeps, and with the values and the network of the lab, so that both ways end in the same lab.
 */
export function articleCommands(lab: Lab, paths: Paths, owner: string, sharedCa: string): Typed[] {
  const each = (step: StepName, commands: (region: Region, target: kubectl.KubeTarget) => Command[]): Typed[] =>
    lab.regions.flatMap((region) => commands(region, paths.target(region)).map((command) => ({ step, command })));
  const first = lab.regions[0];
  const { metallbManifest } = lab.sources;
  return [
    { step: 'network', command: docker.createNetwork(lab.name, owner, lab.network) },
    ...each('cluster', ({ name }, { kubeconfig }) => [
      kind.createCluster({ name, kubeconfig }, paths.manifest(name, 'kind.yaml'), lab.network.name),
    ]),
    ...each('cilium', ({ name }, target) => [
      helm.upgrade(target, {
        chart: asTyped(lab.sources.ciliumChart),
        version: lab.stack.versions.cilium,
        values: [paths.manifest(name, 'cilium-values.yaml'), sharedCa],
      }),
    ]),
    ...each('ready', (_, target) => [cilium.status(target, patience)]),
    ...(metallbManifest === undefined
      ? []
      : each('metallb', (_, target) => [
          kubectl.apply(target, [asTyped(metallbManifest)]),
          kubectl.wait(target, 'metallb-system', 'condition=Available', ['deployment/controller'], patience),
          kubectl.rolloutStatus(target, 'metallb-system', 'daemonset/speaker', patience),
        ])),
    ...each('pool', ({ name }, target) => [
      kubectl.apply(
        target,
        poolFilesOf(lab).map((file) => paths.manifest(name, file)),
      ),
    ]),
    ...each('enable', (_, target) => [cilium.meshEnable(target)]),
    ...each('enable', (_, target) => [cilium.meshStatus(target, patience)]),
    ...lab.regions.flatMap((one, index) =>
      lab.regions.slice(index + 1).map((other): Typed => ({
        step: 'connect',
        command: cilium.meshConnect(paths.target(one), [paths.target(other)]),
      })),
    ),
    ...(first === undefined
      ? []
      : [{ step: 'connect' as const, command: cilium.meshStatus(paths.target(first), patience) }]),
  ];
}

/** By hand, Helm and kubectl fetch it, once for each region. */
const asTyped = (source: Source): string => ('url' in source ? source.url : source.place);
