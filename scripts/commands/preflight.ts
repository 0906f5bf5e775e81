import type { Lab } from '../../lab/lab.ts';
import { unfitPrograms } from '../../lab/unfit-programs.ts';
import { UserError } from '../events/errors.ts';
import { type Had, variableOf } from '../supply/programs.ts';
import type { Program } from '../tools/command.ts';
import type { Session } from './session.ts';

/** The programs that a deploy calls. */
export const allPrograms: readonly Program[] = ['docker', 'kind', 'helm', 'kubectl', 'cilium'];

/** What is odd about the programs, and stops nothing. */
export interface Programmed {
  /** Those of another version, in a sentence each. */
  readonly others: readonly string[];
  /** Those that a deploy would download, `kind v0.20.0`. */
  readonly missing: readonly string[];
}

/**
 * Is every program there? What is not is downloaded, or told by a command that touches nothing.
 * @throws UserError where programs cannot be had, or are of a version that the lab does not work with
 */
export async function checkMachine({
  lab,
  programs,
  touches,
}: Pick<Session, 'lab' | 'programs' | 'touches'>): Promise<Programmed> {
  const { had: found, missing } = touches
    ? { had: await programs.haveAll(allPrograms), missing: [] }
    : await programs.lookFor(allPrograms);
  refuseUnfit(lab, found);
  const others = found.flatMap(({ tool, version, from }) =>
    tool.version === undefined || tool.version === version
      ? []
      : [
          `${tool.program} is ${version}${from === 'given' ? ` (${variableOf(tool.program)})` : ''}, the stack has ${tool.version}; pin yours under versions: in lab.yaml`,
        ],
  );
  return { others, missing: missing.map(({ program, version }) => `${program} ${version ?? ''}`) };
}

/** In the words of a plan. Pure. */
export function programWarnings({ others, missing }: Programmed): string[] {
  const toCome = missing.length === 0 ? [] : [`not on this machine, so a deploy downloads them: ${missing.join(', ')}`];
  return [...toCome, ...others];
}

/** Only one that the user gives can be of another version. */
function refuseUnfit(lab: Lab, found: readonly Had[]): void {
  const refusals = found.flatMap(({ tool: { program, pin, version }, version: here }) => {
    if (pin === undefined || version === undefined || !/^v\d/.test(here)) return [];
    const [unfit] = unfitPrograms(lab, { [pin]: here });
    if (unfit === undefined) return [];
    const orPin = unfit.isPinnable
      ? `, or pin yours, \`versions: { ${pin}: ${here} }\` in lab.yaml, and synthesize anew`
      : '';
    const variable = variableOf(program);
    return [
      {
        cause: `${program} is ${here} (${variable}), the stack has ${version}: ${unfit.cause}`,
        remedy: `leave ${variable} out${orPin}`,
      },
    ];
  });
  if (refusals.length > 0) throw UserError.refusing(refusals);
}
