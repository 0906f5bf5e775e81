import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** A route of this machine that is not its default: what a new docker network must not cover. */
export interface HostRoute {
  /** CIDR notation */
  readonly subnet: string;
  /** `tun0` */
  readonly device: string;
}

/**
 * Linux: the kernel's table, VPN routes included. Elsewhere: the subnets of this machine's own addresses.
 * @param table the file that holds the kernel's table
 */
export function hostRoutes(table = '/proc/net/route'): HostRoute[] {
  try {
    return parseRoutes(readFileSync(table, 'utf8'));
  } catch {
    return Object.entries(networkInterfaces()).flatMap(([device, addresses]) =>
      (addresses ?? []).flatMap(({ family, cidr, internal }) =>
        family === 'IPv4' && cidr !== null && !internal ? [{ subnet: networkOf(cidr), device }] : [],
      ),
    );
  }
}

/** RTF_REJECT: packets to it are refused, so nobody is there. */
const rejects = 0x200;

/** `/proc/net/route`: addresses are hexadecimal, the least significant byte first. */
export function parseRoutes(table: string): HostRoute[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([device, destination, , flags, , , , mask]) => {
      if (device === undefined || destination === undefined || flags === undefined || mask === undefined) return [];
      if ((parseInt(flags, 16) & rejects) !== 0) return [];
      const prefix = parseInt(mask, 16).toString(2).replaceAll('0', '').length;
      // halves of everything are how a VPN takes over the default route (OpenVPN: redirect-gateway def1)
      if (prefix <= 1) return [];
      const bytes = destination.match(/../g)?.map((byte) => parseInt(byte, 16)) ?? [];
      return [{ device, subnet: `${bytes.reverse().join('.')}/${prefix}` }];
    });
}

/** `192.168.1.7/24` -> `192.168.1.0/24` */
function networkOf(cidr: string): string {
  const [address = '', prefix = '32'] = cidr.split('/');
  let bits = Number(prefix);
  const bytes = address.split('.').map((byte) => {
    const keep = Math.min(8, Math.max(0, bits));
    bits -= 8;
    return Number(byte) & (0xff << (8 - keep)) & 0xff;
  });
  return `${bytes.join('.')}/${prefix}`;
}
