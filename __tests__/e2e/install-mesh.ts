import { beforeAll, expect, it } from 'vitest';
import { loadBalancerImage } from '../../lab/node-images.ts';
import { type StackName, stacks } from '../../lab/stacks.ts';
import { describeLab } from './describe-lab.ts';
import { scenario, type RealLab } from './real-lab.ts';

const [athens, hurup] = ['e2e-athens', 'e2e-hurup'] as const;
const regions = [athens, hurup];
const system = ['--namespace', 'kube-system'];
const scenarios = `scenarios: { ${scenario}: {}, policy: { allow: [${hurup}] } }\n`;
/** What a stack has beside that, in one lab with it. */
const switches: Readonly<Record<StackName, string>> = {
  article: '',
  current: 'cilium: { routing: native }\nmcs: true\n',
};

/**
 * A lab on the real programs of a stack, its mesh part of the first Helm install, and Cilium all that it has: addresses too. One
 * of its regions has three control planes behind kind's load balancer.
 */
export function installMesh(stack: StackName): void {
  const what =
    'a lab whose mesh is part of the first Helm install, whose addresses are given by Cilium, and with three control planes';
  const balancer = loadBalancerImage(stacks[stack].versions.kind) ?? '';
  describeLab(what, { name: 'e2e-install', stack, regions, images: [balancer] }, (lab) => {
    beforeAll(async () => {
      const all = `mesh: { method: install }\nloadBalancer: { by: cilium }\n${switches[stack]}${scenarios}`;
      await lab.write(regions, all, { [athens]: 'controlPlanes: 3, workers: 1', [hurup]: 'workers: 0' });
    });

    it('WHEN the driver is killed in the middle of cluster and of cilium THEN the next deploy ends connected AND tested, without enable, connect or metallb', async () => {
      await lab.deployKilledAt('cluster', 20_000);
      await lab.deployKilledAt('cilium', 900);

      const ran = await lab.deploy('--yes');

      expect(ran).toContain('test');
      expect(ran.filter((id) => /enable|connect|metallb/.test(id))).toEqual([]);
      await lab.expectWholeMesh();
    });

    it('AND the global Service is answered by both regions', async () => {
      await lab.expectScenariosUp(regions, [scenario, 'policy']);
      await lab.expectAnswersOf(regions, hurup);
    });

    it('AND a policy by region lets in the clients of one region, and not those of the other', async () => {
      await expect.poll(() => lab.getsIn(hurup, athens), { timeout: 60_000 }).toBe(true);
      expect(await lab.getsIn(athens, hurup)).toBe(false);
      expect(await lab.getsIn(athens, athens)).toBe(true);
      expect(await lab.getsIn(hurup, hurup)).toBe(true);
    });

    it('AND a second deploy runs nothing', async () => {
      expect(await lab.deploy()).toEqual([]);
    });

    if (stack === 'current') {
      nativeRouting(lab);
      servicesOfTheMesh(lab);
    }
    addressesByCilium(lab);
    controlPlanes(lab);

    it('WHEN somebody has scaled Hubble UI to zero and made a pool give nothing THEN a deploy puts back these alone', async () => {
      const pool = 'ciliumloadbalancerippool/default-pool';
      await lab.kubectl(athens, ...system, 'scale', 'deployment/hubble-ui', '--replicas=0');
      await lab.kubectl(hurup, 'patch', pool, '--type=merge', '--patch={"spec":{"disabled":true}}');

      const ran = await lab.deploy('--skip-test');

      // of nodes that were started a moment ago, by the test before, it waits first
      expect(ran.filter((step) => !step.endsWith('/start')).sort()).toEqual([
        'e2e-athens/cilium',
        'e2e-athens/ready',
        'e2e-hurup/pool',
        'e2e-hurup/ready',
        'paths',
      ]);
      const read = (region: string, what: string, path: string): Promise<string> =>
        lab.kubectl(region, ...system, 'get', what, `--output=jsonpath={${path}}`);
      expect(await read(athens, 'deployment/hubble-ui', '.status.readyReplicas')).toBe('1');
      expect(await read(hurup, pool, '.spec.disabled')).not.toBe('true');
    });

    it('WHEN the lab is destroyed THEN nothing of it is left, the load balancer of the control planes neither', async () => {
      const { exit } = await lab.run('destroy', '--yes');

      expect(exit).toBe(0);
      await lab.expectNothingLeft(regions);
    });
  });
}

/** Pods of all regions reach one another by routes of the nodes: no tunnel. */
function nativeRouting(lab: RealLab): void {
  it('AND no node has a tunnel: packets between regions go by routes', async () => {
    for (const region of regions) {
      const node = `${region}-control-plane`;
      expect(await lab.docker('exec', node, 'ip', '-oneline', 'link')).not.toMatch(/vxlan|geneve/);
      const other = region === athens ? hurup : athens;
      const pods = await lab.kubectl(other, 'get', 'nodes', '--output=jsonpath={.items[*].spec.podCIDR}');
      for (const cidr of pods.split(' '))
        expect(await lab.docker('exec', node, 'ip', 'route', 'show', cidr)).toMatch(/^\S+ via \S+ dev eth0/);
    }
  });
}

/** The MCS-API: what is exported in one region has a name in all. */
function servicesOfTheMesh(lab: RealLab): void {
  it('AND a Service that one region exports is reached from the other as clusterset.local', async () => {
    const exported = { apiVersion: 'multicluster.x-k8s.io/v1beta1', kind: 'ServiceExport' };
    const metadata = { name: 'server-e2e-athens', namespace: 'policy' };
    await lab.apply(athens, JSON.stringify({ ...exported, metadata }));
    const url = 'http://server-e2e-athens.policy.svc.clusterset.local';
    const ask = async (): Promise<string> => {
      const curl = ['curl', '--silent', '--show-error', '--max-time', '3', url];
      return lab.kubectl(hurup, '--namespace', 'policy', 'exec', 'deployment/client', '--', ...curl);
    };

    await expect
      .poll(() => ask().catch(String), { timeout: 120_000, interval: 2000 })
      .toContain('"region":"e2e-athens"');
  });
}

/** LoadBalancer addresses by Cilium's own LB-IPAM and L2 announcements, without MetalLB. */
function addressesByCilium(lab: RealLab): void {
  /** Whether this machine gets an answer from the Hubble UI of a region, at its LoadBalancer address. */
  const answers = async (region: string): Promise<boolean> => {
    const address = (await lab.status()).find((each) => each.region === region)?.hubbleUi ?? '';
    return fetch(`http://${address}/`, { signal: AbortSignal.timeout(3000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  };

  it('AND every address is answered for on the docker network', async () => {
    for (const region of regions) await expect.poll(() => answers(region), { timeout: 30_000 }).toBe(true);
  });

  it('WHEN the agent that answers for an address is gone THEN another does, or the next one', async () => {
    const lease = 'lease/cilium-l2announce-kube-system-hubble-ui';
    const node = await lab.kubectl(athens, ...system, 'get', lease, '--output=jsonpath={.spec.holderIdentity}');
    expect(node).toMatch(/^e2e-athens-/);
    await lab.kubectl(
      athens,
      ...[...system, 'delete', 'pod', '--selector', 'k8s-app=cilium', '--field-selector', `spec.nodeName=${node}`],
      ...['--grace-period=0', '--force'],
    );

    await expect.poll(() => answers(athens), { timeout: 120_000, interval: 1000 }).toBe(true);
    expect(await lab.causes()).toEqual([]);
  });
}

/** One of three control planes may stop: the others go on. */
function controlPlanes(lab: RealLab): void {
  it('WHEN the first control plane stops THEN the API server still answers, and status tells so', async () => {
    await lab.docker('stop', `${athens}-control-plane`);

    await expect
      .poll(async () => (await lab.status())[0], { timeout: 120_000, interval: 2_000 })
      .toMatchObject({ state: 'up', nodesReady: 3, nodes: 4 });
  });

  it('WHEN it is deployed THEN it is started again, nothing is made again, AND the mesh is whole', async () => {
    const ran = await lab.deploy('--skip-test');

    expect(ran.filter((step) => !/(start|paths)$/.test(step))).toEqual([]);
    await lab.expectWholeMesh();
  });
}
