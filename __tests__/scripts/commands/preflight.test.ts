import { describe, expect, it } from 'vitest';
import type { Lab } from '../../../lab/lab.ts';
import { loadLab } from '../../../lab/load.ts';
import { exitCode, UserError } from '../../../scripts/events/errors.ts';
import { checkMachine, inotifyWarning, remoteWarning } from '../../../scripts/commands/preflight.ts';
import type { Had, Programs } from '../../../scripts/supply/programs.ts';
import type { Program } from '../../../scripts/tools/command.ts';
import { toolchain } from '../../../scripts/tools/toolchain.ts';
import { articleLab, athens } from '../fixtures.ts';

const lab = articleLab();
const currentLab = loadLab('examples/current-stack/lab.yaml');
const small = articleLab({ regions: [athens()] });
const limits = (watches: number | undefined, instances: number | undefined) => (name: string) =>
  name === 'max_user_watches' ? watches : instances;

describe("the kernel's inotify limits", () => {
  const text = '8 nodes may run out of inotify handles ("too many open files"): sudo sysctl';

  it.each<{ given: string; of: Lab; watches?: number; instances?: number; warnings: string[] }>([
    {
      given: "Ubuntu's defaults",
      of: lab,
      watches: 8192,
      instances: 128,
      warnings: [`${text} fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512`],
    },
    {
      given: 'one limit that is low',
      of: lab,
      watches: 524288,
      instances: 511,
      warnings: [`${text} fs.inotify.max_user_instances=512`],
    },
    { given: 'just enough', of: lab, watches: 524288, instances: 512, warnings: [] },
    { given: 'a machine without such limits', of: lab, warnings: [] },
    { given: 'low limits and four nodes', of: small, watches: 8192, instances: 128, warnings: [] },
  ])('GIVEN $given WHEN checked THEN $warnings', ({ of, watches, instances, warnings }) => {
    expect(inotifyWarning(of, limits(watches, instances))).toEqual(warnings);
  });
});

describe('a Docker Engine elsewhere', () => {
  it.each([
    ['ssh://me@build.example', 'build.example'],
    ['tcp://10.1.2.3:2376', '10.1.2.3'],
    ['tcp://[fd00::1]:2376', '[fd00::1]'],
  ])('GIVEN DOCKER_HOST %s THEN its API servers are not reached from here', (host, name) => {
    expect(remoteWarning(host)).toEqual([
      `DOCKER_HOST names the machine ${name}: kind publishes the API servers on 127.0.0.1 there, where kubectl and helm do not reach them from here; run the lab on that machine`,
    ]);
  });

  it.each([undefined, '', 'unix:///run/user/1000/docker.sock', 'tcp://127.0.0.1:2375', 'tcp://localhost:2375'])(
    'GIVEN DOCKER_HOST %s THEN nothing is said',
    (host) => {
      expect(remoteWarning(host)).toEqual([]);
    },
  );
});

describe('the programs of this machine', () => {
  /** What is found of these versions: those that are not the stack's were given by the user. */
  const check = (of: Lab, found: Partial<Record<Program, string>>) => {
    const tools = toolchain(of.stack.versions);
    const had = tools.map((tool): Had => {
      const version = found[tool.program] ?? tool.version ?? '28.2.2';
      const from = version === tool.version ? 'PATH' : 'given';
      return { tool, version, from, file: `/bin/${tool.program}` };
    });
    const programs = { haveAll: () => Promise.resolve(had) } as unknown as Programs;
    return checkMachine({ lab: of, programs, env: {}, touches: true });
  };

  it('GIVEN programs of other versions WHEN checked THEN a warning for these', async () => {
    expect(await check(small, { kind: 'v0.32.0', cilium: 'of no known version' })).toEqual([
      'kind is v0.32.0 (CLUSTERMESH_LAB_KIND), the stack has v0.20.0; pin yours under versions: in lab.yaml',
      'cilium is of no known version (CLUSTERMESH_LAB_CILIUM), the stack has v0.15.8; pin yours under versions: in lab.yaml',
    ]);
  });

  it.each([
    {
      cli: 'v0.18.4',
      cause: 'Cilium CLI v0.18.4 enables no mesh of Cilium 1.20.0 unless the first install has a value for it.',
    },
    { cli: 'v0.16.4', cause: 'Cilium CLI v0.16.4 does not connect all regions in one call.' },
    {
      cli: 'v0.15.8',
      cause:
        'Cilium CLI v0.15.8 is made for Cilium 1.14, and the lab has 1.20.0. Set versions.ciliumCli to v0.16.0 or later, such as v0.19.7.',
    },
  ])(
    'GIVEN the Cilium CLI $cli, which the stack current does not work with WHEN checked THEN refused',
    async ({ cli, cause }) => {
      // a pin helps where the lab can be made for the program
      const orPin =
        cli === 'v0.15.8' ? '' : `, or pin yours, \`versions: { ciliumCli: ${cli} }\` in lab.yaml, and synthesize anew`;
      const refusal = {
        cause: `cilium is ${cli} (CLUSTERMESH_LAB_CILIUM), the stack has v0.19.7: ${cause}`,
        remedy: `leave CLUSTERMESH_LAB_CILIUM out${orPin}`,
      };
      await expect(check(currentLab, { cilium: cli })).rejects.toThrow(
        new UserError(`${refusal.cause}\n  ${refusal.remedy}`, exitCode.usage, [refusal]),
      );
    },
  );

  it('GIVEN a mesh that the CLI has no part in, or a CLI that does it WHEN checked THEN a warning alone', async () => {
    const warnings = await check({ ...currentLab, meshMethod: 'install' }, { cilium: 'v0.18.4' });
    const newer = await check(currentLab, { cilium: 'v0.19.9' });

    expect([...warnings, ...newer].map((text) => text.split(' (')[0])).toEqual([
      'cilium is v0.18.4',
      'cilium is v0.19.9',
    ]);
  });
});
