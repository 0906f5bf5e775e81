import { describe, expect, it } from 'vitest';
import type { Encryption } from '../../../lab/switches.ts';
import { encryption } from '../../../scripts/doctor/encryption.ts';
import { articleLab, athens } from '../fixtures.ts';
import { facts, found, lab, well } from './facts.ts';

const asking = (asked: Encryption, of = lab) => articleLab({ ...of, switches: { ...lab.switches, encryption: asked } });
const kernel = (has: { wireguard?: boolean; esp?: boolean }) => ({ kernel: { ...facts().kernel, ...has } });
const boot =
  'boot a kernel of your distribution that has it (Ubuntu: sudo apt-get install linux-modules-extra-$(uname -r)); WSL2: wsl --update';

describe('encryption', () => {
  it.each([
    { asked: 'wireguard', without: { wireguard: false }, name: 'WireGuard' },
    { asked: 'ipsec', without: { esp: false }, name: 'IPsec (ESP)' },
  ] as const)('GIVEN a kernel without $name THEN fatal for a lab that asks for it', ({ asked, without, name }) => {
    expect(found(encryption, kernel(without), asking(asked))).toEqual([
      {
        level: 'fatal',
        seen: `the kernel has no ${name}`,
        needed: `lab.yaml says \`encryption: ${asked}\``,
        remedy: `${boot}; or use \`encryption: none\``,
      },
    ]);
    expect(found(encryption, kernel({ wireguard: true, esp: true }), asking(asked))).toEqual(
      well(`the kernel has ${name}`),
    );
  });

  it('GIVEN a lab that asks for none, or a kernel of which nothing is known THEN nothing', () => {
    expect(found(encryption, kernel({ wireguard: false, esp: false }))).toEqual([]);
    expect(found(encryption, {}, asking('wireguard'))).toEqual([]);
    expect(found(encryption, kernel({ wireguard: false }), asking('ipsec'))).toEqual([]);
  });

  it('GIVEN agents that do WireGuard by themselves THEN the kernel need not', () => {
    const values = { encryption: { wireguard: { userspaceFallback: true } } };
    const of = asking('wireguard', articleLab({ regions: [athens({ values })] }));
    expect(found(encryption, kernel({ wireguard: false }), of)).toEqual([]);
  });
});
