import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKit } from './kit.ts';
import { RealLab } from './real-lab.ts';

const kit = findKit(process.env);
const why = typeof kit === 'string' ? ` (skipped: ${kit})` : '';

describe.skipIf(typeof kit === 'string')(`a real lab, its mesh part of the first Helm install${why}`, () => {
  const lab = new RealLab('e2e-install', kit as Exclude<typeof kit, string>);
  const regions = ['e2e-athens', 'e2e-hurup'];

  beforeAll(async () => {
    await lab.removeLeftovers(regions, ['e2e-install']);
    await lab.write(regions, 'mesh: { method: install }\n');
  });

  afterAll(async () => {
    await lab.run('destroy', '--yes');
    lab.dispose();
  });

  it('WHEN it is deployed, killed in the middle of cilium and deployed again THEN it is connected AND tested, without enable or connect', async () => {
    await lab.deployKilledAt('cilium', 900);

    const ran = await lab.deploy('--yes');

    expect(ran).toContain('test');
    expect(ran.filter((id) => /enable|connect/.test(id))).toEqual([]);
  });

  it('AND a global service is answered by both regions', async () => {
    await lab.deployGlobalService(regions);
    const answers = new Set<string>();
    await expect
      .poll(async () => [...answers.add(await lab.answerFrom('e2e-hurup'))].sort(), { timeout: 60_000, interval: 200 })
      .toEqual(regions);
  });

  it('AND a second deploy runs nothing', async () => {
    expect(await lab.deploy()).toEqual([]);
  });

  it('WHEN somebody has scaled Hubble UI to zero and made a pool give nothing THEN a deploy puts back these alone', async () => {
    const hubbleUi = [
      '--namespace',
      'kube-system',
      'get',
      'deployment/hubble-ui',
      '--output',
      'jsonpath={.status.readyReplicas}',
    ];
    const pool = [
      '--namespace',
      'metallb-system',
      'get',
      'ipaddresspool/default-pool',
      '--output',
      'jsonpath={.spec.autoAssign}',
    ];
    await lab.kubectl('e2e-athens', '--namespace', 'kube-system', 'scale', 'deployment/hubble-ui', '--replicas=0');
    await lab.kubectl(
      'e2e-hurup',
      '--namespace',
      'metallb-system',
      'patch',
      'ipaddresspool/default-pool',
      '--type=merge',
      '--patch={"spec":{"autoAssign":false}}',
    );

    const ran = await lab.deploy('--skip-test');

    expect(ran.sort()).toEqual(['e2e-athens/cilium', 'e2e-athens/ready', 'e2e-hurup/pool']);
    expect(await lab.kubectl('e2e-athens', ...hubbleUi)).toBe('1');
    expect(await lab.kubectl('e2e-hurup', ...pool)).toBe('true');
  });
});
