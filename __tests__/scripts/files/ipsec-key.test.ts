import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  createIpsecKey,
  ipsecKeyOf,
  ipsecManifest,
  readIpsecKey,
  writeIpsecKey,
} from '../../../scripts/files/ipsec-key.ts';
import { Paths } from '../../../scripts/files/paths.ts';
import type { KubeObject } from '../../../scripts/tools/kubectl.ts';

let folder: string;
let paths: Paths;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipsec-'));
  paths = new Paths({ labFile: join(folder, 'lab.yaml'), dist: undefined, lab: 'lab', cwd: folder });
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it("GIVEN nothing WHEN a key is made THEN it is as Cilium's agents read it, and each time another", () => {
  const [one, other] = [createIpsecKey(), createIpsecKey()];

  expect(one).toMatch(/^3\+ rfc4106\(gcm\(aes\)\) [0-9a-f]{40} 128$/);
  expect(other).not.toBe(one);
});

it('GIVEN a key WHEN it is kept THEN only the user reads it, and kubectl gets it as the Secret of the chart', () => {
  expect(readIpsecKey(paths)).toBeUndefined();
  writeIpsecKey(paths, '3+ rfc4106(gcm(aes)) 00 128');

  expect(readIpsecKey(paths)).toBe('3+ rfc4106(gcm(aes)) 00 128');
  const files = [paths.ipsecKey, ipsecManifest(paths)];
  expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  const secret = parse(readFileSync(ipsecManifest(paths), 'utf8')) as KubeObject;
  expect(secret).toMatchObject({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'cilium-ipsec-keys', namespace: 'kube-system' },
    type: 'Opaque',
  });
  expect(ipsecKeyOf([secret])).toBe('3+ rfc4106(gcm(aes)) 00 128');
});

it('GIVEN no Secret, or one without the key WHEN read THEN none', () => {
  const empty = { kind: 'Secret', metadata: { name: 'cilium-ipsec-keys', uid: 'u' } };
  expect([[], [empty], [{ ...empty, data: { other: 'QQ==' } }]].map(ipsecKeyOf)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
