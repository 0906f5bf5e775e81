import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { SharedCa } from './shared-ca.ts';

/** Valid as long as the chart's own (`certValidityDuration` 1095 days). */
const validityDays = 1095;

/** Seconds: the clock of the machine that the nodes run on may be behind this one's (Docker Desktop, WSL2 after a sleep). */
const backdated = 3600;

/**
 * RSA 2048, as Cilium's chart makes its own. The CLI compares the SubjectKeyIdentifier of two regions' CAs and nothing
 * else, so it must be there.
 */
export async function createCa(lab: string, now: Date): Promise<SharedCa> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=Cilium CA, O=${lab}`,
      notBefore: new Date(now.getTime() - backdated * 1000),
      notAfter: new Date(now.getTime() + validityDays * 24 * 3600 * 1000),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto as Crypto,
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificate: `${certificate.toString('pem')}\n`, key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n` };
}
