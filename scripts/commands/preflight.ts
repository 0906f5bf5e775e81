import { readFileSync } from 'node:fs';
import type { Lab } from '../../lab/lab.ts';
import { unfitPrograms } from '../../lab/unfit-programs.ts';
import { UserError } from '../events/errors.ts';
import { type Had, variableOf } from '../supply/programs.ts';
import type { Program } from '../tools/command.ts';
import type { Session } from './session.ts';

/** The programs that a deploy calls. */
const all: readonly Program[] = ['docker', 'kind', 'helm', 'kubectl', 'cilium'];

/**
 * Is every program there? What is not is downloaded, or told by a command that touches nothing.
 * @returns warnings: programs of another version, kernel limits that are too low, a Docker Engine elsewhere
 * @throws UserError where programs cannot be had, or are of a version that the lab does not work with
 */
export async function checkMachine({
  lab,
  programs,
  env,
  touches,
}: Pick<Session, 'lab' | 'programs' | 'env' | 'touches'>): Promise<string[]> {
  const { had: found, missing } = touches
    ? { had: await programs.haveAll(all), missing: [] }
    : await programs.lookFor(all);
  refuseUnfit(lab, found);
  const others = found.flatMap(({ tool, version, from }) =>
    tool.version === undefined || tool.version === version
      ? []
      : [
          `${tool.program} is ${version}${from === 'given' ? ` (${variableOf(tool.program)})` : ''}, the stack has ${tool.version}; pin yours under versions: in lab.yaml`,
        ],
  );
  const names = missing.map(({ program, version }) => `${program} ${version ?? ''}`).join(', ');
  const toCome = missing.length === 0 ? [] : [`not on this machine, so a deploy downloads them: ${names}`];
  return [...toCome, ...others, ...inotifyWarning(lab, readLimit), ...remoteWarning(env.DOCKER_HOST)];
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

/** kind's known issue "too many open files": what its documentation asks for where there are many nodes. */
const wantedLimits = { max_user_watches: 524288, max_user_instances: 512 } as const;

/** @param read gives a kernel limit below `fs.inotify`; undefined where there is none (macOS) */
export function inotifyWarning(lab: Lab, read: (name: string) => number | undefined): string[] {
  const nodes = lab.regions.reduce((sum, region) => sum + region.nodes.length, 0);
  const low = Object.entries(wantedLimits).filter(([name, wanted]) => (read(name) ?? wanted) < wanted);
  if (nodes <= 4 || low.length === 0) return [];
  const fix = low.map(([name, wanted]) => `fs.inotify.${name}=${wanted}`).join(' ');
  return [`${nodes} nodes may run out of inotify handles ("too many open files"): sudo sysctl ${fix}`];
}

/** kind publishes each API server on 127.0.0.1 of the machine that the engine runs on. @param host DOCKER_HOST */
export function remoteWarning(host: string | undefined): string[] {
  const [, name = ''] = /^(?:tcp|ssh|https?):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(host ?? '') ?? [];
  if (['', 'localhost', '[::1]'].includes(name) || name.startsWith('127.')) return [];
  return [
    `DOCKER_HOST names the machine ${name}: kind publishes the API servers on 127.0.0.1 there, where kubectl and helm do not reach them from here; run the lab on that machine`,
  ];
}

function readLimit(name: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'));
  } catch {
    return undefined;
  }
}
