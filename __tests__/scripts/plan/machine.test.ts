import { describe, expect, it } from 'vitest';
import { stacks } from '../../../lab/stacks.ts';
import { machineWarnings } from '../../../scripts/plan/machine.ts';
import { allThere, articleLab, nothingThere } from '../fixtures.ts';

const lab = articleLab();
const engine = nothingThere(lab).engine;

describe('what of this machine may surprise later', () => {
  it('GIVEN an ordinary machine THEN nothing, with the lab and without it', () => {
    expect(machineWarnings(lab, nothingThere(lab))).toEqual([]);
    expect(machineWarnings(lab, allThere(lab))).toEqual([]);
  });

  it("GIVEN routes that network.pods covers THEN they are named; the lab's own bridge and others are not", () => {
    const routes = [
      { subnet: '10.8.0.0/24', device: 'tun0' },
      { subnet: '10.200.7.5/32', device: 'eth0' },
      { subnet: '192.168.1.0/24', device: 'eth0' },
      { subnet: '172.19.0.0/16', device: 'br-0af3' },
    ];
    expect(machineWarnings(lab, nothingThere(lab, { routes }))).toEqual([
      'network.pods 10.0.0.0/8 covers routes of this machine (10.8.0.0/24 by tun0, 10.200.7.5/32 by eth0): pods get no answer from there; if they need one, give the lab other network.pods',
    ]);
  });

  it('GIVEN cgroup v1 THEN a Kubernetes that does not start there is told of, where a cluster is to be made', () => {
    const current = articleLab({ stack: stacks.current });
    const cgroupOne = { engine: { ...engine, cgroupVersion: '1' } };
    expect(machineWarnings(current, nothingThere(current, cgroupOne))).toEqual([
      'this machine has cgroup v1, and the kubelet of Kubernetes v1.36.1 does not start there (from v1.35 on): boot with cgroup v2, or use the stack article',
    ]);
    expect(machineWarnings(current, { ...allThere(current), ...cgroupOne })).toEqual([]);
    expect(machineWarnings(lab, nothingThere(lab, cgroupOne))).toEqual([]);
    expect(machineWarnings(current, nothingThere(current))).toEqual([]);
  });

  it('GIVEN a rootless engine THEN addresses do not answer', () => {
    expect(machineWarnings(lab, nothingThere(lab, { engine: { ...engine, isRootless: true } }))).toEqual([
      'Docker runs rootless: the addresses of the lab (Hubble UI) are in a network namespace of its own and do not answer on this machine; use kubectl port-forward',
    ]);
  });

  it('GIVEN things without a digest THEN all are named at once, before they are brought here and no more after', () => {
    const url = 'https://charts.example/cilium-1.15.1.tgz?token=5ec2e7';
    const name = 'quay.io/cilium/cilium:v1.15.1';
    const loose = articleLab({
      sources: { ...lab.sources, ciliumChart: { url, sha256: undefined } },
      regions: lab.regions.map((region) => ({
        ...region,
        nodeImage: 'kindest/node:v1.27.99',
        preload: { name, reference: name },
      })),
    });
    expect(machineWarnings(loose, nothingThere(loose))).toEqual([
      `not pinned by a digest, so taken as it comes: https://charts.example/cilium-1.15.1.tgz?…, kindest/node:v1.27.99, ${name}`,
    ]);
    expect(machineWarnings(loose, allThere(loose))).toEqual([]);
  });
});
