import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hider, mapTexts, redact, redactJson, secretsIn } from '../../../scripts/events/redact.ts';

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
  'a header of another kind': (value) => `Authorization: token ${value}`,
  'a cookie': (value) => `Cookie: session=${value}`,
  'a variable of a pod, as YAML': (value) => `    - name: DB_PASSWORD\n      value: ${value}\n`,
  'a variable of a pod, in several lines': (value) => `    - name: X_TOKEN\n      value: |\n        ${value}\n`,
  'a variable of a pod, as JSON': (value) => `{"name": "DB_PASSWORD", "value": "a ${value}"}`,
  'a text of several lines': (value) => `  registry-password: |-\n    first\n    ${value}\n`,
  'a value with blanks': (value) => `  api-passphrase: correct horse ${value}\n`,
  'a quoted value with quotes': (value) => `{"password": "a\\"b ${value}"}`,
  'a text in single quotes': (value) => `password: 'it''s ${value}'\n`,
  'a value with an anchor': (value) => `password: &p ${value}\n`,
  'a value with a tag': (value) => `password: !!str ${value}\n`,
  'a variable with blanks': (value) => `"DB_PASSWORD=a ${value}",`,
  'an option': (value) => `helm install --password ${value} a`,
  'an option with a sign': (value) => `$ a --registry-token=${value} b`,
  'an argument of its own': (value) => `args:\n  - --password\n  - ${value}\n`,
  'an argument of its own, as JSON': (value) => `["--password", "${value}"]`,
  'a user of curl': (value) => `curl -u me:${value} http://a.example`,
  'credentials of a registry': (value) => `{"auths":{"r.example":{"auth":"${value}"}}}`,
  'a Secret of a registry': (value) => `  .dockerconfigjson: ${value}\n`,
  'a short name': (value) => `DB_PASS=${value} PSK=${value}`,
  'a list': (value) => `{"tokens": ["a", "${value}"]}`,
  'a map': (value) => `tokens: {a: ${value}}`,
  'a client key': (value) => `    client-key-data: ${value}\n`,
  'a proxy without a scheme': (value) => `HTTP_PROXY=me:${value}@proxy.example:3128`,
  'a base of keys': (value) => `SECRET_KEY_BASE=${value}`,
  'a key of a name of its own': (value) => `SSH_KEY=${value} DEPLOY_KEY=${value}`,
  'a key of an account': (value) => `AccountKey=${value};EndpointSuffix=a`,
  'a name with a number': (value) => `DB_PASSWORD_1=${value}`,
  'a header with a version': (value) => `x-auth-token-v2: ${value}`,
  'an option of kubeadm': (value) => `kubeadm join --certificate-key ${value} a`,
  'a pair of YAML in one line': (value) => `env: [{ name: DB_PASSWORD, value: ${value} }]`,
  "a pair as Go's programs print it": (value) => `doesn't match [map[name:PROXY_TOKEN value:${value}] map[name:X]]`,
  'a header in small letters': (value) => `authorization was: bearer ${value}`,
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

  it('GIVEN a key in base64 of several lines THEN all of it is hidden', () => {
    const lines = (base64(pem('A'.repeat(200))).match(/.{1,76}/g) ?? []).map((line) => `    ${line}`).join('\n');

    expect(redact(`data:\n${lines}\nnext: 1\n`, [])).toBe('data:\n[hidden]\nnext: 1\n');
  });

  it('GIVEN JSON THEN it is JSON still', () => {
    const json = JSON.stringify({
      password: 'a, "b"',
      tokens: ['x'],
      env: ['API_TOKEN=c d', 'A=1'],
      auth: 5,
      name: 'n',
    });

    expect(JSON.parse(redact(json, []))).toEqual({
      ...{ password: '[hidden]', tokens: '[hidden]', env: ['API_TOKEN=[hidden]', 'A=1'], auth: '[hidden]', name: 'n' },
    });
    expect(redactJson({ line: 'password: "a b"', token: 'x', at: 1 }, [])).toEqual({
      ...{ line: 'password: [hidden]', token: '[hidden]', at: 1 },
    });
  });

  it('GIVEN a document THEN what it has under secret names is known, wherever it stands', () => {
    const document = {
      ...{
        cilium: { values: { extraConfig: { 'registry-password': 'one' }, tokens: { a: 'two' }, secretName: 'no' } },
      },
      extraEnv: [
        { name: 'DB_PASSWORD', value: 'three' },
        { name: 'A', value: 'no' },
      ],
    };

    expect(secretsIn(document)).toEqual(['one', 'two', 'three']);
  });

  it('GIVEN what is known to be secret THEN each line of it is hidden, wherever it stands', () => {
    fc.assert(
      fc.property(secret, secret, (one, other) => {
        const text = redact(`seen ${one} and a${other}b`, [`${one}\n${other}\n`]);

        expect(text).toBe('seen [hidden] and a[hidden]b');
        expect(redact(base64(`x${one}`), [`x${one}`])).not.toContain(base64(`x${one}`).slice(0, 20));
      }),
    );
  });

  it.each([
    'MountVolume.SetUp failed for volume "etcd-users-config" : secret "clustermesh-apiserver-server-cert" not found',
    '    ca.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJrakNDQVRpZ0F3SUJBZ0lVQXcKLS0tLS1FTkQgQ0VSVElGSUNBVEUt',
    'kube-system   secret/hubble-relay-client-certs   kubernetes.io/tls   3   2m',
    'Back-off pulling image "quay.io/cilium/cilium:v1.14.2@sha256:5a94b561f4651fcfd85970a50bc78b201cfbd6e2ab1a03848eab25a82832653a"',
    'sources: { nodeImage: kindest/node:v1.27.3 }',
    '    secretName: hubble-server-certs',
    'image: busybox:1.36@sha256:5a94b561f4651fcfd85970a50bc78b201cfbd6e2ab1a03848eab25a82832653a',
    'region-athens: 2 passed, 0 failed',
  ])('GIVEN %s THEN nothing is hidden', (text) => {
    expect(redact(text, [])).toBe(text);
  });
});

describe('what is known to be secret', () => {
  const key = '3+ rfc4106(gcm(aes)) 0123456789abcdef0123456789abcdef01234567 128';
  const hide = hider([key, `it's "so" & so`]);

  it.each([
    ['as it is', key],
    ['its key alone', 'keys 0x0123456789abcdef0123456789abcdef01234567'],
    ['in base64', Buffer.from(key).toString('base64').replace(/=+$/, '')],
    ['in JSON', JSON.stringify({ a: `it's "so" & so` })],
    ['in a URL', `?a=${encodeURIComponent(`it's "so" & so`)}`],
    ['in quotes of YAML', `a: 'it''s "so" & so'`],
  ])('GIVEN it %s THEN it is hidden', (_, text) => {
    const hidden = hide(text);

    expect(hidden).toContain('[hidden]');
    expect(hidden).not.toMatch(/0123456789abcdef|so.*so|rfc4106/);
  });

  it('GIVEN anything else THEN it stays, whatever it is called', () => {
    expect(hide('the token: expired')).toBe('the token: expired');
    expect(mapTexts({ event: 'a', lines: [key, 'b'], at: 1 }, hide)).toEqual({
      ...{ event: 'a', lines: ['[hidden]', 'b'], at: 1 },
    });
  });
});
