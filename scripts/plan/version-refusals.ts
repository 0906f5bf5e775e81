import type { Lab, Region } from '../../lab/lab.ts';
import type { Observed } from '../observe/observed.ts';
import type { Refusal } from './refusal.ts';

/**
 * Jumps of more than one minor release of Cilium on a living region: "the only tested upgrade and rollback path is between
 * consecutive minor releases" (Cilium's upgrade guide). Going back is the same the other way round.
 */
export function versionRefusals(lab: Lab, regions: readonly Region[], observed: Observed): Refusal[] {
  const wanted = lab.stack.versions.cilium;
  return regions.flatMap(({ name }) => {
    const chart = observed.regions.get(name)?.cluster?.release?.chart ?? '';
    const living = /^cilium-(\d+\.\d+\.\d+.*)$/.exec(chart)?.[1];
    const next = living === undefined ? undefined : nextMinor(living, wanted);
    if (living === undefined || next === undefined) return [];
    return [
      {
        cause: `${name} runs Cilium ${living}, lab.yaml says ${wanted}: more than one minor release at once, which Cilium does not test`,
        remedy: `go there release by release: \`versions: { cilium: ${next}.x }\` in lab.yaml next, with the newest ${next}; or destroy the lab and deploy it anew`,
      },
    ];
  });
}

/** `1.15` on the way from 1.14.2 to 1.20.0; undefined where the way is one step or none. */
function nextMinor(living: string, wanted: string): string | undefined {
  const [major = 0, minor = 0] = living.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  if (major !== wantedMajor) return `${wantedMajor}.0`;
  if (Math.abs(wantedMinor - minor) <= 1) return undefined;
  return `${major}.${minor + Math.sign(wantedMinor - minor)}`;
}
