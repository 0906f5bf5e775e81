import { describe, expect, it } from 'vitest';
import { parseInfo } from '../../../scripts/tools/docker-info.ts';

describe('the Docker Engine', () => {
  it.each([
    {
      store: 'classic',
      json: '{"ID":"P4TU:BBEO","ServerVersion":"20.10.24","DriverStatus":[["Backing Filesystem","extfs"],["Native Overlay Diff","true"]],"Architecture":"x86_64","OSType":"linux","CgroupVersion":"1"}',
      engine: {
        id: 'P4TU:BBEO',
        serverVersion: '20.10.24',
        containerdImageStore: false,
        platform: 'linux/amd64',
        cgroupVersion: '1',
        isRootless: false,
      },
    },
    {
      store: 'containerd',
      json: '{"ID":"","ServerVersion":"29.1.3","DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]],"Architecture":"aarch64","OSType":"linux","CgroupVersion":"2","SecurityOptions":["name=seccomp,profile=builtin","name=rootless"]}',
      engine: {
        id: undefined,
        serverVersion: '29.1.3',
        containerdImageStore: true,
        platform: 'linux/arm64',
        cgroupVersion: '2',
        isRootless: true,
      },
    },
    {
      store: 'no status',
      json: '{"ServerVersion":"28.2.2","DriverStatus":null,"Architecture":"riscv64","OSType":"linux"}',
      engine: {
        id: undefined,
        serverVersion: '28.2.2',
        containerdImageStore: false,
        platform: 'linux/riscv64',
        cgroupVersion: undefined,
        isRootless: false,
      },
    },
  ])('GIVEN an engine with $store image store WHEN read THEN version, store and platform', ({ json, engine }) => {
    expect(parseInfo(json)).toMatchObject(engine);
  });

  it('GIVEN all that an engine tells of its machine WHEN read THEN that, and how far its clock is ahead', () => {
    const json = JSON.stringify({
      ...{ ServerVersion: '28.2.2', Architecture: 'x86_64', OSType: 'linux', OperatingSystem: 'Docker Desktop' },
      ...{ KernelVersion: '6.10.14-linuxkit', MemTotal: 8_217_571_328, NCPU: 4, DockerRootDir: '/var/lib/docker' },
      ...{ Driver: 'overlay2', DriverStatus: [['Supports d_type', 'false']], CgroupDriver: 'systemd' },
      ...{ MemoryLimit: true, PidsLimit: false, CPUShares: true, SystemTime: '2026-11-25T18:31:49.085473784Z' },
    });
    expect(parseInfo(json, Date.parse('2026-11-25T18:30:00Z'))?.host).toEqual({
      system: 'Docker Desktop',
      kernel: '6.10.14-linuxkit',
      memory: 8_217_571_328,
      cpus: 4,
      folder: '/var/lib/docker',
      storageDriver: 'overlay2',
      keepsEntryTypes: false,
      cgroupDriver: 'systemd',
      hasLimits: false,
      clockAhead: 109,
    });
  });

  it.each([
    { tells: { MemoryLimit: true, PidsLimit: true, CPUShares: true, CgroupDriver: 'systemd' }, hasLimits: true },
    { tells: { MemoryLimit: true, PidsLimit: true, CPUShares: true, CgroupDriver: 'none' }, hasLimits: false },
    { tells: { MemoryLimit: false }, hasLimits: false },
  ])('GIVEN an engine that tells $tells WHEN read THEN whether it may limit: $hasLimits', ({ tells, hasLimits }) => {
    const json = JSON.stringify({ ServerVersion: '28.2.2', Architecture: 'x86_64', OSType: 'linux', ...tells });
    expect(parseInfo(json)?.host.hasLimits).toBe(hasLimits);
  });

  it('GIVEN one that tells nothing of it WHEN read THEN nothing is known, and nothing is taken for bad', () => {
    const json = JSON.stringify({
      ...{ ServerVersion: '28.2.2', Architecture: 'x86_64', OSType: 'linux', OperatingSystem: '', Driver: '' },
    });
    expect(parseInfo(json)?.host).toEqual({
      system: undefined,
      kernel: undefined,
      memory: undefined,
      cpus: undefined,
      folder: undefined,
      storageDriver: undefined,
      keepsEntryTypes: true,
      cgroupDriver: undefined,
      hasLimits: true,
      clockAhead: undefined,
    });
  });
});

describe('what an engine tells of its machine in an odd way', () => {
  const needed = { ServerVersion: '28.2.2', Architecture: 'x86_64', OSType: 'linux' };

  it.each([null, 'x', 7, [null], {}])('GIVEN %j everywhere WHEN read THEN the engine all the same', (odd) => {
    const names = ['OperatingSystem', 'KernelVersion', 'MemTotal', 'NCPU', 'DockerRootDir', 'Driver', 'CgroupDriver'];
    const more = ['CgroupVersion', 'MemoryLimit', 'PidsLimit', 'CPUShares', 'SystemTime'];
    const told = Object.fromEntries([...names, ...more].map((name) => [name, odd]));
    expect(parseInfo(JSON.stringify({ ...needed, ...told }))).toMatchObject({
      ...{ serverVersion: '28.2.2', platform: 'linux/amd64', isRootless: false },
      host: { hasLimits: true, keepsEntryTypes: true },
    });
  });

  it('GIVEN no memory and no CPU, as where it could not read them WHEN read THEN they are not known', () => {
    const host = parseInfo(JSON.stringify({ ...needed, MemTotal: 0, NCPU: 0 }))?.host;
    expect(host).toMatchObject({ memory: undefined, cpus: undefined });
  });
});
