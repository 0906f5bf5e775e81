import { misfitsOf } from './check-versions.ts';
import type { Lab } from './lab.ts';
import { resolveStack, type Versions } from './stacks.ts';
import { hasKvstoremesh } from './switches.ts';

/** Why a lab does not work with programs of other versions than its stack's. */
export interface Unfit {
  readonly cause: string;
  /** The lab would be made for them, were they pinned under `versions:`. */
  readonly isPinnable: boolean;
}

/**
 * What the lab needs and programs of other versions than the stack's do not do: known beforehand, so that nobody waits for it on
 * made clusters. Whatever else another version may bring is a warning's matter. Pure.
 * @param found versions of the programs on the PATH
 */
export function unfitPrograms(lab: Lab, found: Partial<Versions>): Unfit[] {
  const { stack, meshMethod } = lab;
  const versions = { ...stack.versions, ...found };
  const misfits = misfitsOf(versions).map((cause) => ({ cause, isPinnable: false }));
  if (misfits.length > 0 || meshMethod === 'install') return misfits;
  const { ciliumCli, cilium } = versions;
  const needed = resolveStack(stack.name, versions);
  const pinnable = [
    ...(needed.connect === 'pairs' && stack.connect === 'mesh'
      ? [`Cilium CLI ${ciliumCli} does not connect all regions in one call.`]
      : []),
    ...(needed.configBeforeEnable && !stack.configBeforeEnable
      ? [`Cilium CLI ${ciliumCli} enables no mesh of Cilium ${cilium} unless the first install has a value for it.`]
      : []),
    ...(needed.enableEndsKvstoremesh && !stack.enableEndsKvstoremesh && hasKvstoremesh(lab)
      ? [`Cilium CLI ${ciliumCli} turns KVStoreMesh off when it enables a mesh.`]
      : []),
  ];
  return pinnable.map((cause) => ({ cause, isPinnable: true }));
}
