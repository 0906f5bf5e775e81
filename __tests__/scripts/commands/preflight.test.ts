import { describe, expect, it } from 'vitest';
import type { Lab } from '../../../lab/lab.ts';
import { loadLab } from '../../../lab/load.ts';
import { exitCode, UserError } from '../../../scripts/events/errors.ts';
import { checkMachine } from '../../../scripts/commands/preflight.ts';
import type { Had, Programs } from '../../../scripts/supply/programs.ts';
import type { Program } from '../../../scripts/tools/command.ts';
import { toolchain } from '../../../scripts/tools/toolchain.ts';
import { articleLab, athens } from '../fixtures.ts';

const currentLab = loadLab('examples/current-stack/lab.yaml');
const small = articleLab({ regions: [athens()] });

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
    return checkMachine({ lab: of, programs, touches: true });
  };

  it('GIVEN programs of other versions WHEN checked THEN a warning for these', async () => {
    expect((await check(small, { kind: 'v0.32.0', cilium: 'of no known version' })).others).toEqual([
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
    const { others: warnings } = await check({ ...currentLab, meshMethod: 'install' }, { cilium: 'v0.18.4' });
    const { others: newer } = await check(currentLab, { cilium: 'v0.19.9' });

    expect([...warnings, ...newer].map((text) => text.split(' (')[0])).toEqual([
      'cilium is v0.18.4',
      'cilium is v0.19.9',
    ]);
  });
});
