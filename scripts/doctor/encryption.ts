import type { Lab, Region } from '../../lab/lab.ts';
import { valueAt } from '../../lab/values.ts';
import { type Check, fatal, ok } from './check.ts';
import { otherKernel } from './kernel.ts';

const names = { wireguard: 'WireGuard', ipsec: 'IPsec (ESP)' } as const;

/** Whether the kernel can do the encryption that lab.yaml asks for: agents end at their start where it cannot. */
export const encryption: Check = {
  name: 'encryption',
  find({ switches, regions }, { kernel }) {
    const asked = switches.encryption;
    if (asked === 'none') return undefined;
    if (asked === 'wireguard' && regions.every(doesItself)) return undefined;
    const has = asked === 'wireguard' ? kernel.wireguard : kernel.esp;
    if (has === undefined) return undefined;
    if (has) return ok(`the kernel has ${names[asked]}`);
    return fatal(
      `the kernel has no ${names[asked]}`,
      `lab.yaml says \`encryption: ${asked}\``,
      `${otherKernel}; or use \`encryption: none\``,
    );
  },
};

/** Agents up to Cilium 1.16 can do without the kernel's WireGuard. */
const doesItself = ({ values }: Region): boolean =>
  valueAt(values, ['encryption', 'wireguard', 'userspaceFallback']) === true;

/** The fact about the kernel on which a lab's encryption depends. */
export function factOfEncryption({ switches }: Pick<Lab, 'switches'>): 'wireguard' | 'esp' | undefined {
  return ({ none: undefined, wireguard: 'wireguard', ipsec: 'esp' } as const)[switches.encryption];
}
