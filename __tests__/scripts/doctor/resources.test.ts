import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { needOf, needs } from '../../../scripts/doctor/need.ts';
import { cpu, disk, memory } from '../../../scripts/doctor/resources.ts';
import { allThere, articleLab, athens, livingRegion } from '../fixtures.ts';
import { engine, found, host, lab, well } from './facts.ts';

const oneThere = allThere(lab, {
  'region-athens': livingRegion(lab, athens()),
  'region-hurup': { containers: [], ownership: undefined, creating: false, kubeconfig: false, cluster: undefined },
});

describe('what a lab takes', () => {
  it('GIVEN the labs that were measured THEN about as much', () => {
    expect(needOf(lab.regions).memory).toBe(5.22e9);
    expect(needOf([athens({ workers: 1 })]).memory).toBe(1.66e9);
  });

  it('GIVEN any lab THEN it takes what its regions take, each of them its nodes and more', () => {
    const region = fc
      .record({ controlPlanes: fc.integer({ min: 1, max: 5 }), workers: fc.integer({ min: 0, max: 9 }) })
      .map((nodes) => athens(nodes));
    fc.assert(
      fc.property(fc.array(region), fc.array(region), (some, others) => {
        const [one, other, all] = [some, others, [...some, ...others]].map((regions) => needOf(regions));
        expect(all?.memory).toBe((one?.memory ?? 0) + (other?.memory ?? 0));
        expect(all?.disk).toBe((one?.disk ?? 0) + (other?.disk ?? 0));
      }),
    );
    expect(needOf([])).toEqual({ memory: 0, disk: 0 });
    expect(needs.worker.memory).toBeLessThan(needs.controlPlane.memory);
  });
});

describe('memory', () => {
  const needed = '2 regions with 8 nodes take about 5.2 GB';
  const remedy = 'stop what else runs (docker stats --no-stream shows it), or take fewer workers in lab.yaml';
  const free = (available: number) => host({ memory: { available, swap: 0 } });

  it('GIVEN enough THEN ok', () => {
    expect(found(memory, free(5.22e9))).toEqual(well('5.2 GB of memory are free, about 5.2 GB needed'));
  });

  it('GIVEN too little that is free THEN a warning', () => {
    expect(found(memory, free(5.2e9))).toEqual([
      { level: 'warning', seen: '5.2 GB of memory are free', needed, remedy },
    ]);
  });

  it('GIVEN an engine that has not half of it THEN fatal, unless there is swap', () => {
    const small = engine({ memory: 2.5e9 });
    expect(found(memory, small)).toEqual([{ level: 'fatal', seen: 'the engine has 2.5 GB of memory', needed, remedy }]);
    const swapping = host({ memory: { available: 1e9, swap: 0.2e9 } });
    expect(found(memory, { ...small, ...swapping })).toEqual([
      { level: 'warning', seen: '1.0 GB of memory are free', needed, remedy },
    ]);
  });

  it('GIVEN a virtual machine THEN all that it has counts, since what is free there is not known', () => {
    const desktop = engine({ memory: 4e9, system: 'Docker Desktop', kernel: '6.10.14-linuxkit' });
    expect(found(memory, { ...desktop, ...host({ platform: 'darwin', memory: undefined }) })).toEqual([
      {
        level: 'warning',
        seen: '4.0 GB of memory in all',
        needed,
        remedy: 'Docker Desktop: Settings, Resources, Memory; or fewer workers in lab.yaml',
      },
    ]);
  });

  it('GIVEN WSL2, Docker Desktop there, or another virtual machine on macOS THEN where its memory is set', () => {
    const remedyOf = (system: string, changes: Parameters<typeof host>[0]) =>
      found(memory, { ...engine({ memory: 4e9, system }), ...host({ ...changes, memory: undefined }) })[0]?.remedy;
    const wsl =
      'memory=8GB under [wsl2] in .wslconfig of your Windows user, then wsl --shutdown; or fewer workers in lab.yaml';
    const kernel = '6.6.87.2-microsoft-standard-WSL2';
    expect(remedyOf('Docker Desktop', { kernel })).toBe(wsl);
    expect(remedyOf('Ubuntu 24.04.3 LTS', { kernel })).toBe(wsl);
    expect(remedyOf('Ubuntu 24.04.3 LTS', { platform: 'darwin' })).toBe(
      'give its virtual machine more (colima stop, then colima start --memory 8); or fewer workers in lab.yaml',
    );
  });

  it('GIVEN WSL2 that has enough, of which others hold the most THEN not to give it less', () => {
    const kernel = '6.6.87.2-microsoft-standard-WSL2';
    const busy = { ...engine({ memory: 32e9, kernel }), ...host({ kernel, memory: { available: 2e9, swap: 0 } }) };
    expect(found(memory, busy)[0]).toMatchObject({
      seen: '2.0 GB of memory are free',
      remedy: 'stop what else runs (docker stats --no-stream shows it), or take fewer workers in lab.yaml',
    });
  });

  it('GIVEN regions that are there THEN they take no more', () => {
    expect(found(memory, { ...free(2.7e9), observed: oneThere })).toEqual(
      well('2.7 GB of memory are free, about 2.6 GB needed'),
    );
    expect(found(memory, { ...free(1e8), observed: allThere(lab) })).toEqual(well('0.1 GB of memory are free'));
  });

  it('GIVEN nothing known THEN nothing', () => {
    expect(found(memory, { ...engine({ memory: undefined }), ...host({ memory: undefined }) })).toEqual([]);
  });
});

describe('cpu', () => {
  const remedy = 'npm run deploy -- --timeout 3600 waits longer';

  it('GIVEN enough, a lab that is there, or nothing known THEN ok, or nothing', () => {
    expect(found(cpu, engine({ cpus: 2 }))).toEqual(well('2 CPUs'));
    expect(found(cpu, { observed: { ...allThere(lab), engine: engine({ cpus: 1 }).observed.engine } })).toEqual(
      well('1 CPU'),
    );
    expect(found(cpu, engine({ cpus: undefined }))).toEqual([]);
  });

  it('GIVEN a single one, or many nodes on a few THEN a warning', () => {
    expect(found(cpu, engine({ cpus: 1 }))).toEqual([
      {
        level: 'warning',
        seen: '1 CPU',
        needed: 'Kubernetes asks for 2 a control plane, and all will be slow',
        remedy,
      },
    ]);
    const many = articleLab({ regions: [athens({ nodes: Array.from({ length: 13 }, (_, index) => `n${index}`) })] });
    expect(found(cpu, engine({ cpus: 2 }, {}, many), many)).toEqual([
      { level: 'warning', seen: '13 nodes on 2 CPUs', needed: 'more than 6 a CPU are slow', remedy },
    ]);
  });
});

describe('disk', () => {
  const needed = '8 nodes take about 10.2 GB';
  const remedy = 'docker system df shows what takes it, docker image prune removes images without a name';

  it('GIVEN enough, a lab that is there, or nothing known THEN ok, or nothing', () => {
    expect(found(disk, { freeDisk: 10.2e9 })).toEqual(
      well('10.2 GB of disk are free for Docker, about 10.2 GB needed'),
    );
    expect(found(disk, { freeDisk: 1e6, observed: allThere(lab) })).toEqual(well('0.0 GB of disk are free for Docker'));
    expect(found(disk, { freeDisk: undefined })).toEqual([]);
  });

  it('GIVEN too little THEN a warning; so little that no node starts THEN fatal', () => {
    expect(found(disk, { freeDisk: 10e9 })).toEqual([
      { level: 'warning', seen: '10.0 GB of disk are free for Docker', needed, remedy },
    ]);
    expect(found(disk, { freeDisk: 0.7e9 })).toEqual([
      { level: 'fatal', seen: '0.7 GB of disk are free for Docker', needed, remedy },
    ]);
  });
});
