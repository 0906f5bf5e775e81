import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cidr } from '../../../lab/cidr.ts';
import { hostRoutes, parseRoutes } from '../../../scripts/tools/host.ts';

/** As Linux prints it, with a VPN and a host route beside the default. */
const table = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
tun0\t0080A8C0\t0108080A\t0003\t0\t0\t50\t0080FFFF\t0\t0\t0
tun0\t01020A0A\t00000000\t0005\t0\t0\t50\tFFFFFFFF\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;

describe('routes of this machine', () => {
  it("GIVEN the kernel's table WHEN read THEN every route but the default, in CIDR notation", () => {
    expect(parseRoutes(table)).toEqual([
      { subnet: '172.17.0.0/16', device: 'docker0' },
      { subnet: '192.168.128.0/17', device: 'tun0' },
      { subnet: '10.10.2.1/32', device: 'tun0' },
      { subnet: '192.0.2.0/24', device: 'eth0' },
    ]);
  });

  it('GIVEN a VPN that took over the default route by halves, and a refused subnet WHEN read THEN neither counts', () => {
    const halves =
      'tun0\t00000000\t0108080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\ntun0\t00000080\t0108080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n';
    const refused = '*\t000013AC\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0\n';

    expect(parseRoutes(`Iface\n${halves}${refused}`)).toEqual([]);
  });

  it('GIVEN a machine without routes WHEN read THEN none', () => {
    expect(parseRoutes('Iface\tDestination\n')).toEqual([]);
  });

  it('GIVEN a table in another file WHEN asked THEN its routes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'routes-'));
    writeFileSync(join(folder, 'route'), table);

    expect(hostRoutes(join(folder, 'route'))).toEqual(parseRoutes(table));
    rmSync(folder, { recursive: true });
  });

  it('GIVEN no such table, as on macOS WHEN asked THEN the subnets of its own addresses, in CIDR notation', () => {
    for (const { subnet } of hostRoutes('/nowhere/route')) expect(String(Cidr.parse(subnet))).toBe(subnet);
  });

  it('GIVEN this machine WHEN asked THEN every route is a subnet', () => {
    for (const { subnet } of hostRoutes()) expect(String(Cidr.parse(subnet))).toBe(subnet);
  });
});
