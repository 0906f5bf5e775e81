import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { StackName } from '../../lab/stacks.ts';
import { describeLab } from './describe-lab.ts';

const [athens, hurup, chania] = ['e2e-athens', 'e2e-hurup', 'e2e-chania'] as const;
const regions = [athens, hurup, chania];
const nodes = Object.fromEntries(regions.map((name) => [name, 'workers: 0']));
const hub = `mesh: { topology: hub, hub: ${athens} }
scenarios: { shared-services: {}, high-availability: {}, policy: { allow: [${athens}] }, stateful-split: {} }
`;
const chain = `mesh: { pairs: [[${athens}, ${hurup}], [${hurup}, ${chania}]] }\n`;

/** Meshes in which not every region is connected to every other, by the Cilium CLI. */
export function topologies(stack: StackName): void {
  describeLab(
    'a mesh of a hub, and one of pairs, by the Cilium CLI',
    { name: 'e2e-topology', stack, regions },
    (lab) => {
      const links = async (): Promise<(readonly string[])[]> =>
        (await lab.status()).map(({ links: each }) => Object.keys(each));

      beforeAll(async () => {
        await lab.write(regions, hub.replace(', stateful-split: {}', ''), nodes);
      });

      it('WHEN a hub is deployed THEN tenants reach it, and one another not', async () => {
        const ran = await lab.deploy('--yes', '--skip-test');

        expect(ran).toContain('paths');
        expect(await links()).toEqual([[hurup, chania], [athens], [athens]]);
        const ask = (from: string, host: string): Promise<string> =>
          lab.kubectl(from, '-n', 'shared-services', 'exec', 'deploy/client', '--', 'curl', '-sS', '-m', '3', host);
        expect(JSON.parse(await ask(hurup, 'shared'))).toMatchObject({ region: athens });
        expect(JSON.parse(await ask(athens, `tenant-${chania}`))).toMatchObject({ region: chania });
        await expect(ask(hurup, `tenant-${chania}`)).rejects.toThrow(/exit code 7/);
      });

      it('AND the objects of every scenario are accepted by the API server', async () => {
        await lab.write(regions, hub, nodes);
        for (const region of regions) {
          const folder = join(lab.folder, 'dist', region, 'scenarios');
          for (const file of readdirSync(folder)) {
            // their namespaces are there for those that are up
            if (file === 'stateful-split.yaml') await lab.kubectl(region, 'create', 'namespace', 'stateful-split');
            await lab.kubectl(region, 'apply', '--dry-run=server', '--filename', join(folder, file));
            if (file === 'stateful-split.yaml') await lab.kubectl(region, 'delete', 'namespace', 'stateful-split');
          }
        }
      });

      it('WHEN lab.yaml names other pairs THEN the link that left goes, the new one comes, and no other is touched', async () => {
        await lab.write(regions, chain, nodes);

        const ran = await lab.deploy('--skip-test');

        expect(ran).toContain('connect');
        expect(ran).toContain('paths');
        expect(await links()).toEqual([[hurup], [athens, chania], [hurup]]);
        expect(await lab.causes()).toEqual([]);
        expect(await lab.deploy('--skip-test')).toEqual([]);
      });
    },
  );
}
