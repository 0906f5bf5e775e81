import { describe, expect, it } from 'vitest';
import { hasKvstoremesh } from '../../lab/switches.ts';
import { labOf, refusalOf } from './lab-file.ts';

const text = (keys: string, stack = 'article') => `name: lab\nstack: ${stack}\nregions: [{ name: a }]\n${keys}\n`;

it('GIVEN nothing THEN Cilium is as in the article', () => {
  expect(labOf(text('')).switches).toEqual({
    encryption: 'none',
    routing: 'tunnel',
    hubble: true,
    kvstoremesh: undefined,
    mcs: false,
    tuned: true,
  });
});

describe('cilium.hubble', () => {
  const hasUi = (keys: string) => labOf(text(keys)).regions.map(({ hubbleUi }) => hubbleUi);

  it('decides whether there is a Hubble UI; so do values that leave it out', () => {
    expect(hasUi('')).toEqual([true]);
    expect(hasUi('cilium: { hubble: false }')).toEqual([false]);
    expect(hasUi('cilium: { values: { hubble: { ui: { enabled: false } } } }')).toEqual([false]);
  });

  it('GIVEN false, and parts of Hubble turned on by values, THEN each is refused', () => {
    const values = 'values: { hubble: { relay: { enabled: true }, ui: { enabled: true, replicas: 2 } } }';
    expect(refusalOf(text(`cilium: { hubble: false, ${values} }`))).toEqual([
      'lab.yaml:4:55  cilium.values.hubble.relay.enabled is true, and cilium.hubble is false. Remove one of them.',
      'lab.yaml:4:78  cilium.values.hubble.ui.enabled is true, and cilium.hubble is false. Remove one of them.',
    ]);
  });

  it('GIVEN true or nothing THEN its parts are the user\u2019s', () => {
    expect(labOf(text('cilium: { values: { hubble: { relay: { enabled: true } } } }')).switches.hubble).toBe(true);
  });
});

it.each([
  { stack: 'article', keys: '', has: false },
  { stack: 'article', keys: 'cilium: { kvstoremesh: true }', has: true },
  { stack: 'current', keys: '', has: true },
  { stack: 'current', keys: 'cilium: { kvstoremesh: false }', has: false },
])('GIVEN stack $stack and "$keys" THEN KVStoreMesh: $has', ({ stack, keys, has }) => {
  expect(hasKvstoremesh(labOf(text(keys, stack)))).toBe(has);
});

describe('what the versions do not have', () => {
  it.each([
    [
      'article',
      'cilium: { encryption: ipsec }',
      'lab.yaml:4:11  cilium.encryption is ipsec, and Cilium 1.14.2 cannot do that where it replaces kube-proxy, as in every lab. Use wireguard, or Cilium 1.17 or later: `stack: current`.',
    ],
    [
      'article',
      'mcs: true',
      'lab.yaml:4:1  mcs is true, and Cilium 1.14.2 installs neither the kinds of the MCS-API nor its part of CoreDNS. Remove it, or use Cilium 1.19 or later: `stack: current`.',
    ],
    [
      'current',
      'versions: { kubernetes: v1.34.0 }\nmcs: true',
      'lab.yaml:5:1  mcs is true, and Kubernetes v1.34.0 comes with a CoreDNS before 1.12.2, which knows no clusterset.local. Remove it, or set versions.kubernetes to v1.35.0 or later.',
    ],
  ])('stack %s, %j, is refused', (stack, keys, message) => {
    expect(refusalOf(text(keys, stack))).toEqual([message]);
  });

  it.each([
    ['article', 'cilium: { encryption: wireguard, routing: native }'],
    ['current', 'cilium: { encryption: ipsec, routing: native }\nmcs: true'],
    ['current', 'versions: { cilium: 1.17.0, ciliumCli: v0.18.4 }\ncilium: { encryption: ipsec }'],
    ['current', 'versions: { cilium: 1.19.0 }\nmcs: true'],
  ])('stack %s, %j, is accepted', (stack, keys) => {
    expect(labOf(text(keys, stack)).stack.name).toBe(stack);
  });
});

describe('values that IPsec cannot bear', () => {
  const values = 'values: { hostFirewall: { enabled: true }, dnsProxy: { enableTransparentMode: false } }';

  it('are refused with it, and the user\u2019s without', () => {
    expect(refusalOf(text(`cilium: { encryption: ipsec, ${values} }`, 'current'))).toEqual([
      'lab.yaml:4:56  cilium.values.hostFirewall.enabled is true, and IPsec cannot be used with the host firewall. Remove it, or use `encryption: wireguard`.',
      'lab.yaml:4:85  cilium.values.dnsProxy.enableTransparentMode is false, and IPsec needs the transparent DNS proxy. Remove it, or use `encryption: wireguard`.',
    ]);
    expect(labOf(text(`cilium: { encryption: wireguard, ${values} }`, 'current')).switches.encryption).toBe(
      'wireguard',
    );
  });
});
