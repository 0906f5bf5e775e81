import type { Values } from './lab.ts';
import { type Path, type Problem, pathText } from './problems.ts';
import { valueAt } from './values.ts';

/** Values with which agents end at their start where `cilium.encryption` is ipsec (Cilium: daemon/cmd, the checks of its options). */
const unfit: readonly { readonly at: readonly string[]; readonly value: boolean; readonly why: string }[] = [
  { at: ['hostFirewall', 'enabled'], value: true, why: 'IPsec cannot be used with the host firewall' },
  { at: ['dnsProxy', 'enableTransparentMode'], value: false, why: 'IPsec needs the transparent DNS proxy' },
];

/** @param values `cilium.values` of lab.yaml, which stands at `path` there. */
export function unfitForIpsec(values: Values, path: Path): Problem[] {
  return unfit
    .filter(({ at, value }) => valueAt(values, at) === value)
    .map(({ at, value, why }) => {
      const here = [...path, ...at];
      const message = `${pathText(here)} is ${value}, and ${why}. Remove it, or use \`encryption: wireguard\`.`;
      return { path: here, message };
    });
}
