import { networkText, type Profile } from '../../lab/degrade.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import { rememberDegraded } from '../files/degraded.ts';
import { runningNodes } from '../observe/degraded.ts';
import type { Outcome } from '../tools/command-error.ts';
import type { Command } from '../tools/command.ts';
import { isNotThere, removeOurs, tc, tcBatch } from '../tools/tc.ts';
import { type NodesOf, shapingOf } from './shaping.ts';
import { type NodeStep, run, skip } from './step.ts';
import { allOf } from './wait.ts';

/** A profile of lab.yaml by its name. */
export interface NamedProfile {
  readonly name: string;
  readonly pairs: Profile;
}

/** What the nodes are to have, and what they have. */
export interface Degrading {
  /** Undefined: none, and what is on is taken off. */
  readonly profile: NamedProfile | undefined;
  readonly nodes: NodesOf;
  /** Nodes that have a worse network on. */
  readonly having: ReadonlySet<string>;
}

/** In each region: its nodes get the network of the profile in place of what they have, or lose that. */
export function degradeStep(lab: Lab, { profile, nodes, having }: Degrading): NodeStep {
  return {
    name: 'degrade',
    title: profile === undefined ? 'take the worse network off' : `put the network ${profile.name} on`,
    scope: 'region',
    after: [],
    takes: 'nothing',
    decide: ({ region, seen }) => {
      const others = othersOf(region, profile?.pairs ?? []);
      if (others.length > 0) return run(`towards ${others.join(', ')}`);
      const running = runningNodes(seen);
      const on = running.filter((node) => having.has(node));
      if (on.length > 0) return run(`${on.length} of ${running.length} nodes have one`);
      return skip(profile === undefined ? 'none is on' : `not in ${profile.name}`);
    },
    run: async (work, region) => {
      const shaping = shapingOf(lab, profile?.pairs ?? [], region, nodes);
      if (profile !== undefined)
        rememberDegraded(work.paths, {
          ...{ profile: profile.name, whole: false, network: networkText(lab, profile.pairs) },
          pairs: profile.pairs.map(({ between }) => [...between]),
        });
      await allOf(
        runningNodes(work.observed.regions.get(region.name)).map(async (node) => {
          const former = having.has(node) ? [removeOurs] : [];
          if (shaping.length > 0) await work.run(tcBatch(node, [...former, ...shaping]));
          else if (former.length > 0) await work.run(tc(node, removeOurs));
        }),
      );
    },
  };
}

const othersOf = ({ name }: Region, pairs: Profile): string[] =>
  pairs.flatMap(({ between }) => (between.includes(name) ? between.filter((other) => other !== name) : []));

/** Takes off whatever of the lab's is on these nodes. @returns names of those that may still have it */
export async function takeOff(
  nodes: readonly string[],
  attempt: (command: Command) => Promise<Outcome>,
): Promise<string[]> {
  const left = nodes.map(async (node) => {
    const { exitCode, stderr } = await attempt(tc(node, removeOurs));
    return exitCode === 0 || isNotThere(stderr) ? [] : [node];
  });
  return (await Promise.all(left)).flat();
}
