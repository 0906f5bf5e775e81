import { stringify } from 'yaml';
import type { Region, Values } from '../../lab/lab.ts';
import { writeSecret } from '../files/secret.ts';
import { checkRelease, installCheck, namespace, uninstallCheck } from '../tools/helm.ts';
import { rolloutStatus } from '../tools/kubectl.ts';
import type { Work } from './step.ts';

/** Of the values of the lab, those that concern where and from what a pod of the check runs. */
const concerned = ['k8sServiceHost', 'k8sServicePort', 'imagePullSecrets', 'preflight'];

/**
 * The pre-flight check of the wanted chart, as Cilium's upgrade guide has it: every node can start the new image, and the
 * policies that exist are valid for it. It is taken away again.
 * @throws CommandError where one of them is not
 */
export async function checkChart(work: Work, region: Region): Promise<void> {
  const { lab, paths, sources, desired } = work;
  const target = paths.target(region);
  const wanted: Values = desired.get(region.name)?.values ?? {};
  const kept = Object.fromEntries(concerned.flatMap((key) => (key in wanted ? [[key, wanted[key]]] : [])));
  const values = { ...kept, preflight: { ...(kept.preflight as object | undefined), enabled: true } };
  const file = paths.secretValues(`${region.name}-preflight`);
  writeSecret(file, stringify({ ...values, agent: false, operator: { enabled: false } }));
  work.progress("the chart's pre-flight check");
  const { versions } = lab.stack;
  const chart = sources.place(lab.sources.ciliumChart);
  try {
    await work.run(installCheck(target, { chart, version: versions.cilium, values: [file] }));
    for (const workload of ['daemonset', 'deployment'])
      await work.run(rolloutStatus(target, namespace, `${workload}/${checkRelease.workload}`, work.patienceSeconds));
  } finally {
    // also after a stop, as fast as a person waits then
    await (work.signal.aborted ? work.farewell(uninstallCheck(target, false)) : work.attempt(uninstallCheck(target)));
  }
}
