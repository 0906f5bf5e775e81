import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createCa } from '../../../scripts/files/create-ca.ts';
import { Paths } from '../../../scripts/files/paths.ts';
import { caOfValues, caValues, readCa, writeCa } from '../../../scripts/files/shared-ca.ts';

const now = new Date('2026-11-22T21:00:00Z');
const ca = await createCa('my-lab', now);
const certificate = new X509Certificate(ca.certificate);
const der = certificate.raw.toString('hex');
const folder = mkdtempSync(join(tmpdir(), 'ca-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the shared CA, as X.509', () => {
  it('GIVEN a lab WHEN its CA is made THEN a CA of that name, signed by itself', () => {
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toBe('CN=Cilium CA\nO=my-lab');
    expect(certificate.issuer).toBe(certificate.subject);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
  });

  it('GIVEN its key WHEN compared THEN it is that of the certificate: RSA 2048', () => {
    const key = createPrivateKey(ca.key);

    expect(certificate.checkPrivateKey(key)).toBe(true);
    expect(key.asymmetricKeyType).toBe('rsa');
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
  });

  it('GIVEN a day WHEN made THEN valid for 1095 days, and an hour before, for clocks that are behind', () => {
    expect(now.getTime() - Date.parse(certificate.validFrom)).toBe(3_600_000);
    expect((Date.parse(certificate.validTo) - now.getTime()) / 86_400_000).toBe(1095);
  });

  it('GIVEN its extensions WHEN read THEN critical, and good for signing certificates and revocation lists alone', () => {
    const basicConstraints = '0603551d130101ff040530030101ff';
    const keyUsage = '0603551d0f0101ff040403020106';

    expect(der).toContain(basicConstraints);
    expect(der).toContain(keyUsage);
  });

  it('GIVEN the SubjectKeyIdentifier, by which the Cilium CLI compares WHEN read THEN the hash of its public key', () => {
    const publicKey = certificate.publicKey.export({ type: 'pkcs1', format: 'der' });
    const hash = createHash('sha1').update(publicKey).digest('hex');

    expect(der).toContain(`0603551d0e04160414${hash}`);
  });

  it('GIVEN a second lab WHEN its CA is made THEN another one', async () => {
    const other = await createCa('my-lab', now);

    expect(other.key).not.toBe(ca.key);
    expect(new X509Certificate(other.certificate).serialNumber).not.toBe(certificate.serialNumber);
  });
});

describe('the CA as Helm values', () => {
  it('GIVEN a CA WHEN given to the chart and read back from the release THEN the same', () => {
    const values = caValues(ca);

    expect(values).toEqual({ tls: { ca: { cert: base64(ca.certificate), key: base64(ca.key) } } });
    expect(caOfValues({ cluster: { id: 1 }, ...values })).toEqual(ca);
  });

  it.each([
    { values: {} },
    { values: { tls: {} } },
    { values: { tls: { ca: { cert: '', key: '' } } } },
    { values: { tls: { ca: { cert: 'QQ==' } } } },
    { values: { tls: { ca: { cert: 1, key: 2 } } } },
  ])('GIVEN a release with $values WHEN asked THEN it was given no CA', ({ values }) => {
    expect(caOfValues(values)).toBeUndefined();
  });
});

describe('the CA on disk', () => {
  const paths = new Paths({ labFile: join(folder, 'lab.yaml'), dist: undefined, lab: 'my-lab', cwd: folder });

  it('GIVEN no file WHEN read THEN no CA', () => {
    expect(readCa(paths)).toBeUndefined();
  });

  it('GIVEN a CA WHEN written THEN it is read back, from files and a folder for the user alone', () => {
    writeCa(paths, ca);

    expect(readCa(paths)).toEqual(ca);
    expect(modeOf(paths.ca('crt'))).toBe(0o600);
    expect(modeOf(paths.ca('key'))).toBe(0o600);
    expect(modeOf(join(paths.state, 'ca'))).toBe(0o700);
  });
});

function modeOf(file: string): number {
  return statSync(file).mode & 0o777;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
