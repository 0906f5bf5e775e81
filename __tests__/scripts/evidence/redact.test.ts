import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../../scripts/evidence/redact.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const secret = fc
  .array(fc.constantFrom(...letters.split('')), { minLength: 24, maxLength: 48 })
  .map((all) => `CANARY${all.join('')}`);
const pem = (body: string): string => `-----BEGIN EC PRIVATE KEY-----\n${body}\n-----END EC PRIVATE KEY-----\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const noise = fc.constantFrom(
  '',
  'level=info msg="agent started"\n',
  '{"kind":"Pod"}\n',
  '  ca.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t\n',
);

/** Where secrets are met in what programs print. */
const places: Readonly<Record<string, (value: string) => string>> = {
  'a key in PEM': pem,
  'one that is cut off': (value) => `-----BEGIN RSA PRIVATE KEY-----\n${value}`,
  'a value of YAML': (value) => `    password: ${value}\n`,
  'a quoted one': (value) => `    tls.key: "${value}"\n`,
  'a member of JSON': (value) => `{"client_key": "${value}","name":"a"}`,
  'a member of JSON in a line': (value) => `{"a":1,"apiToken":"${value}"}`,
  'an environment variable': (value) => `"GITHUB_TOKEN=${value}",`,
  'a proxy': (value) => `HTTPS_PROXY=http://me:${value}@proxy.example:3128`,
  'a query': (value) => `GET https://mirror.example/a?key=${value} 200`,
  'a header': (value) => `Authorization: Bearer ${value}`,
};

describe('what others may read', () => {
  it.each(Object.entries(places))('GIVEN %s THEN it is hidden, AND what is around it stays', (_, place) => {
    fc.assert(
      fc.property(secret, noise, noise, (value, before, after) => {
        const text = redact(`${before}${place(value)}\n${after}`, []);

        expect(text).not.toContain(value);
        expect(text.startsWith(before)).toBe(true);
      }),
    );
  });

  it('GIVEN a key in base64, wherever it begins THEN it is hidden', () => {
    fc.assert(
      fc.property(secret, fc.integer({ min: 0, max: 3 }), (value, skip) => {
        const text = base64(pem(value.repeat(3))).slice(skip);

        expect(redact(`key: ${text}`, [])).toBe('key: [hidden]');
      }),
    );
  });

  it('GIVEN what is known to be secret THEN each line of it is hidden, wherever it stands', () => {
    fc.assert(
      fc.property(secret, secret, (one, other) => {
        const text = redact(`seen ${one} and a${other}b`, [`${one}\n${other}\n`]);

        expect(text).toBe('seen [hidden] and a[hidden]b');
      }),
    );
  });

  it.each([
    'MountVolume.SetUp failed for volume "etcd-users-config" : secret "clustermesh-apiserver-server-cert" not found',
    '    ca.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJrakNDQVRpZ0F3SUJBZ0lVQXcKLS0tLS1FTkQgQ0VSVElGSUNBVEUt',
    'kube-system   secret/hubble-relay-client-certs   kubernetes.io/tls   3   2m',
    'Back-off pulling image "quay.io/cilium/cilium:v1.14.2@sha256:5a94b561f4651fcfd85970a50bc78b201cfbd6e2ab1a03848eab25a82832653a"',
    'sources: { nodeImage: kindest/node:v1.27.3 }',
  ])('GIVEN %s THEN nothing is hidden', (text) => {
    expect(redact(text, [])).toBe(text);
  });
});
