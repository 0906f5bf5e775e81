import { readFileSync } from 'node:fs';
import type { Lab } from '../../lab/lab.ts';
import type { Program } from '../tools/command.ts';
import type { Runner } from '../tools/runner.ts';
import { platformOf, type Tool, toolchain } from '../tools/toolchain.ts';
import { exitCode, UserError } from '../events/errors.ts';
import { unfitPrograms } from '../../lab/unfit-programs.ts';

/**
 * Is every program there, in the version that the stack pins? All missing ones are named at once, with where they come from.
 * @param env what the programs are given
 * @returns warnings: programs of another version, kernel limits that are too low, a Docker Engine elsewhere
 * @throws UserError where a program is missing, or of a version that the lab does not work with
 */
export async function checkMachine(lab: Lab, runner: Runner, env: Readonly<Record<string, string>>): Promise<string[]> {
  const found = await findPrograms(lab, runner);
  refuseUnfit(lab, found);
  const others = found.flatMap(({ tool, version }) =>
    tool.version === undefined || tool.version === version
      ? []
      : [
          `${tool.program} is ${version}, the stack has ${tool.version} (${tool.url}); pin yours under versions: in lab.yaml`,
        ],
  );
  return [...others, ...inotifyWarning(lab, readLimit), ...remoteWarning(env.DOCKER_HOST)];
}

function refuseUnfit(lab: Lab, found: readonly Found[]): void {
  const refusals = found.flatMap(({ tool: { program, pin, version, url }, version: here }) => {
    if (pin === undefined || version === undefined || !/^v\d/.test(here)) return [];
    const [unfit] = unfitPrograms(lab, { [pin]: here });
    if (unfit === undefined) return [];
    const orPin = unfit.isPinnable
      ? `; or pin yours, \`versions: { ${pin}: ${here} }\` in lab.yaml, and synthesize anew`
      : '';
    return [
      {
        cause: `${program} is ${here}, the stack has ${version}: ${unfit.cause}`,
        remedy: `install ${version} (${url})${orPin}`,
      },
    ];
  });
  if (refusals.length > 0) throw UserError.refusing(refusals);
}

/** A program on the PATH. */
interface Found {
  readonly tool: Tool;
  readonly version: string;
}

/**
 * Asks programs for their versions.
 * @param programs @default - all five
 * @throws UserError naming all that are missing
 */
export async function findPrograms(lab: Lab, runner: Runner, programs?: readonly Program[]): Promise<Found[]> {
  const tools = toolchain(lab.stack.versions, platformOf(process.platform, process.arch)).filter(
    ({ program }) => programs?.includes(program) ?? true,
  );
  const asked = await Promise.all(tools.map(async (tool) => ({ tool, version: await installedVersion(tool, runner) })));
  refuseMissing(asked.flatMap(({ tool, version }) => (version === undefined ? [tool] : [])));
  return asked.flatMap(({ tool, version }) => (version === undefined ? [] : [{ tool, version }]));
}

async function installedVersion({ ask, pattern }: Tool, runner: Runner): Promise<string | undefined> {
  const { ended, stdout } = await runner.attempt(ask, { log: undefined, timeoutSeconds: 30 });
  return ended === 'not-started' ? undefined : (pattern.exec(stdout)?.[1] ?? 'of no known version');
}

function refuseMissing(tools: readonly Tool[]): void {
  if (tools.length === 0) return;
  const missing = tools.map(({ program, version, url }) => ({ name: [program, version].join(' ').trimEnd(), url }));
  const rows = missing.map(({ name, url }) => `  ${name.padEnd(18)}  ${url}`);
  throw new UserError(
    [`missing on the PATH:`, ...rows, 'Install them, then run this again.'].join('\n'),
    exitCode.failed,
    missing.map(({ name, url }) => ({ cause: `${name} is missing on the PATH`, remedy: `install it: ${url}` })),
  );
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
