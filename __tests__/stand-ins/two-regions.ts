import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Answer, atTheBench, buildRegion, type Run, snapshot } from './at-the-bench.ts';
import { type Bench, createBench } from './lab-bench.ts';

/** What `cilium clustermesh status --output json` prints, as far as the tests look. */
export interface MeshStatus {
  access_information: { service_ips: string[]; client_key: string };
  connectivity?: { connected: object; clusters?: Record<string, object>; total: number; not_ready?: number };
}

export const mesh = (verb: string, region: string, more = ''): string =>
  `cilium clustermesh ${verb} --context kind-region-${region}${more}`;
export const enable = (region: string): string => mesh('enable', region, ' --service-type LoadBalancer');
export const connect = mesh('connect', 'athens', ' --destination-context kind-region-hurup');

/** Two regions with Cilium and a pool each, the mesh not enabled; every test of the file finds them so. */
export class TwoRegions {
  bench!: Bench;
  run!: Run;

  /** With both regions in KUBECONFIG. */
  cilium(line: string): Answer {
    return this.run(line, { KUBECONFIG: 'region-athens.kc:region-hurup.kc' });
  }

  status(region: string): MeshStatus {
    const { stdout } = this.cilium(mesh('status', region, ' --output json'));
    return JSON.parse(stdout.slice(stdout.indexOf('\n{'))) as MeshStatus;
  }

  enableBoth(): void {
    for (const region of ['athens', 'hurup']) {
      this.cilium(enable(region));
      this.cilium(mesh('status', region, ' --wait'));
    }
  }
}

export function setUpTwoRegions(): TwoRegions {
  const lab = new TwoRegions();
  let renew: () => void;
  // dozens of processes on a machine that may be busy
  beforeAll(() => {
    lab.bench = createBench({ webhookFailures: 0 });
    lab.run = atTheBench(lab.bench);
    buildRegion(lab.bench, lab.run, 'region-athens', 1);
    buildRegion(lab.bench, lab.run, 'region-hurup', 2);
    renew = snapshot(lab.bench, []);
  });
  beforeEach(() => {
    renew();
    lab.bench.setMachine({});
  });
  afterAll(() => {
    lab.bench.dispose();
  });
  return lab;
}
