import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as x509 from '@peculiar/x509';
import type { Values } from '../../lab/lab.ts';
import type { Paths } from './paths.ts';
import { writeSecret } from './secret.ts';

/** One CA for all regions, in PEM: without it each chart makes its own, and the CLI refuses to connect from v0.19.1 on. */
export interface SharedCa {
  readonly certificate: string;
  readonly key: string;
}

/** Valid as long as the chart's own (`certValidityDuration` 1095 days). */
const validityDays = 1095;

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
      notBefore: now,
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

/** The CA as the chart takes it: base64 of PEM. */
export function caValues({ certificate, key }: SharedCa): Values {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return { tls: { ca: { cert: base64(certificate), key: base64(key) } } };
}

/** The CA that a release was installed with, if it was given one. */
export function caOfValues(values: Values): SharedCa | undefined {
  const { cert, key } = (values as { tls?: { ca?: { cert?: unknown; key?: unknown } } }).tls?.ca ?? {};
  if (typeof cert !== 'string' || typeof key !== 'string' || cert === '' || key === '') return undefined;
  const text = (base64: string): string => Buffer.from(base64, 'base64').toString();
  return { certificate: text(cert), key: text(key) };
}

export function readCa(paths: Paths): SharedCa | undefined {
  try {
    return { certificate: readFileSync(paths.ca('crt'), 'utf8'), key: readFileSync(paths.ca('key'), 'utf8') };
  } catch {
    return undefined;
  }
}

export function writeCa(paths: Paths, { certificate, key }: SharedCa): void {
  writeSecret(paths.ca('crt'), certificate);
  writeSecret(paths.ca('key'), key);
}
