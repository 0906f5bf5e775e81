import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readSysdump } from '../../../scripts/evidence/sysdump.ts';

const zip = (files: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [`cilium-sysdump-1/${name}`, strToU8(text)])));

describe('what is taken out of a sysdump', () => {
  it('GIVEN a whole one THEN its texts, without the folder that they lie in', () => {
    const taken = readSysdump(zip({ 'k8s-pods-1.yaml': 'kind: List\n', 'k8s-version-1.txt': 'v1.27.3\n' }));

    expect(taken).toEqual([
      ['k8s-pods-1.yaml', 'kind: List\n'],
      ['k8s-version-1.txt', 'v1.27.3\n'],
    ]);
  });

  it("GIVEN Helm's record, Secrets, pages and archives THEN they stay where they are", () => {
    const names = [
      'cilium-helm-values-1.yaml',
      'cilium-helm-metadata-1.yaml',
      'k8s-secrets-1.yaml',
      'events.html',
      'a.tar',
    ];

    expect(readSysdump(zip(Object.fromEntries(names.map((name) => [name, 'KEY']))))).toEqual([]);
  });

  it('GIVEN a text that is very large THEN the others are taken', () => {
    const taken = readSysdump(zip({ 'metrics.yaml': 'a'.repeat(2 ** 22 + 1), 'small.yaml': 'a' }));

    expect(taken.map(([name]) => name)).toEqual(['small.yaml']);
  });

  it('GIVEN half of one THEN it is refused', () => {
    const whole = zip({ 'a.yaml': 'a' });

    expect(() => readSysdump(whole.subarray(0, whole.length - 20))).toThrow();
  });
});
