import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLab } from '../../lab/load.ts';
import { findKit } from './kit.ts';
import { RealLab } from './real-lab.ts';
import type { StatusEvent } from '../../scripts/events/events.ts';

const kit = findKit(process.env);
const why = typeof kit === 'string' ? ` (skipped: ${kit})` : '';

describe.skipIf(typeof kit === 'string')(`a real lab, meshed by the Cilium CLI${why}`, () => {
  const lab = new RealLab('e2e-cli', kit as Exclude<typeof kit, string>);
  const two = ['e2e-athens', 'e2e-hurup'];
  const three = [...two, 'e2e-chania'];
  let before: string;

  /** Clusters and networks of others, and the user's kubeconfig. */
  const foreign = async (): Promise<string> => {
    const containers = await lab.docker(
      'ps',
      '--all',
      '--no-trunc',
      '--filter',
      'name=e2e-foreign',
      '--format',
      '{{.ID}} {{.Names}} {{.State}}',
    );
    const networks = await lab.docker(
      'network',
      'ls',
      '--no-trunc',
      '--filter',
      'name=^e2e-foreign$',
      '--format',
      '{{.ID}} {{.Name}}',
    );
    return [containers, networks, lab.userKubeconfigText()].join('\n');
  };

  const status = async (): Promise<StatusEvent> => {
    const { events } = await lab.run('status');
    return events[0] as StatusEvent;
  };

  const expectWholeMesh = async (names: readonly string[]): Promise<void> => {
    const { regions } = await status();
    for (const { region, state, nodes, nodesReady, links, hubbleUi, meshApiServer } of regions) {
      expect({ region, state, nodesReady }).toEqual({ region, state: 'up', nodesReady: nodes });
      expect(links).toEqual(
        Object.fromEntries(names.filter((name) => name !== region).map((name) => [name, `${nodes}/${nodes}`])),
      );
      const pool = loadLab(`${lab.folder}/lab.yaml`).regions.find(({ name }) => name === region)?.pool;
      const inPool = (address: string | undefined): boolean =>
        address !== undefined &&
        pool !== undefined &&
        numberOf(address) >= pool.first.value &&
        numberOf(address) <= pool.last.value;
      expect({ region, hubbleUi: inPool(hubbleUi), meshApiServer: inPool(meshApiServer) }).toEqual({
        region,
        hubbleUi: true,
        meshApiServer: true,
      });
    }
  };

  beforeAll(async () => {
    await lab.removeLeftovers([...three, 'e2e-foreign'], ['e2e-cli', 'e2e-foreign']);
    const image = (kit as Exclude<typeof kit, string>).foreignNodeImage;
    await lab.docker('network', 'create', 'e2e-foreign');
    await lab.createForeignCluster('e2e-foreign', image);
    before = await foreign();
    await lab.write(two);
  });

  afterAll(async () => {
    await lab.run('destroy', '--yes');
    await lab.kind('delete', 'cluster', '--name', 'e2e-foreign', '--kubeconfig', `${lab.folder}/e2e-foreign`);
    await lab.docker('network', 'rm', 'e2e-foreign');
    lab.dispose();
  });

  it('WHEN the driver is killed in the middle of cluster, of cilium and of connect THEN the next deploy goes on', async () => {
    await lab.deployKilledAt('cluster', 12_000);
    await lab.deployKilledAt('cilium', 900);
    await lab.deployKilledAt('connect', 4_000);

    const ran = await lab.deploy('--yes');

    expect(ran).not.toContain('e2e-athens/cluster');
    expect(ran).toContain('connect');
    expect(ran).toContain('test');
  });

  it('THEN every node is ready, every address is of its own pool, both regions are connected', async () => {
    await expectWholeMesh(two);
  });

  it('AND a second deploy runs nothing', async () => {
    expect(await lab.deploy()).toEqual([]);
  });

  it('AND a pod of one region reaches a pod of the other, and both answer for a global service', async () => {
    await lab.deployGlobalService(two);
    const address = await lab.kubectl(
      'e2e-hurup',
      '--namespace',
      'global-service',
      'get',
      'pods',
      '--selector',
      'cdk8s.io/metadata.addr',
      '--output',
      'jsonpath={.items[0].status.podIP}',
    );
    expect(await lab.answerFrom('e2e-athens', `${address}:8080`)).toBe('e2e-hurup');

    const answers = new Set<string>();
    await expect
      .poll(async () => [...answers.add(await lab.answerFrom('e2e-athens'))].sort(), { timeout: 60_000, interval: 200 })
      .toEqual(two);

    await lab.kubectl('e2e-athens', '--namespace', 'global-service', 'scale', 'deployment/hello', '--replicas=0');
    await lab.kubectl(
      'e2e-athens',
      '--namespace',
      'global-service',
      'wait',
      '--for=delete',
      'pod',
      '--selector',
      'cdk8s.io/metadata.addr',
      '--timeout=120s',
    );
    for (let request = 0; request < 10; request++) expect(await lab.answerFrom('e2e-athens')).toBe('e2e-hurup');
  });

  it('WHEN a value changes in lab.yaml THEN Helm runs again AND the mesh stays', async () => {
    await lab.write(two, 'cilium: { values: { hubble: { eventBufferCapacity: "8191" } } }\n');

    const ran = await lab.deploy('--skip-test');

    expect(ran.sort()).toEqual(
      ['connect', ...two.flatMap((name) => ['cilium', 'ready', 'enable'].map((step) => `${name}/${step}`))].sort(),
    );
    // done means done: the links stand at once
    expect((await status()).regions.map(({ links }) => Object.values(links))).toEqual([['2/2'], ['2/2']]);
  });

  it('WHEN a region is added to the living lab THEN only it is built, and connected to all', async () => {
    const nodes = await lab.docker('ps', '--no-trunc', '--quiet', '--filter', 'label=io.x-k8s.kind.cluster=e2e-athens');
    await lab.write(three, 'cilium: { values: { hubble: { eventBufferCapacity: "8191" } } }\n');

    const ran = await lab.deploy('--skip-test');

    // where the kit's nodes hold the image, there is none to load
    expect(ran.filter((id) => !/image|load|pull/.test(id))).toEqual([
      ...['cluster', 'cilium', 'metallb', 'pool', 'ready', 'enable'].map((step) => `e2e-chania/${step}`),
      'connect',
    ]);
    expect(await lab.docker('ps', '--no-trunc', '--quiet', '--filter', 'label=io.x-k8s.kind.cluster=e2e-athens')).toBe(
      nodes,
    );
    await expectWholeMesh(three);
  });

  it("WHEN the lab is destroyed THEN nothing of it is left AND what is not the lab's is as it was", async () => {
    const { exit } = await lab.run('destroy', '--yes');

    expect(exit).toBe(0);
    const clusters = (await lab.kind('get', 'clusters')).split('\n');
    expect(clusters.filter((name) => three.includes(name))).toEqual([]);
    expect(await lab.docker('network', 'ls', '--quiet', '--filter', 'name=^e2e-cli$')).toBe('');
    expect(await foreign()).toBe(before);
  });
});

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
