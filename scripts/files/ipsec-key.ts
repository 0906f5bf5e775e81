import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { KubeObject } from '../tools/kubectl.ts';
import type { Paths } from './paths.ts';
import { writeSecret } from './secret.ts';

/** By this name the chart mounts it into the agents, and by this key they read it. */
export const ipsecSecret = 'secret/cilium-ipsec-keys';
const [, name = ''] = ipsecSecret.split('/');

/**
 * One key for all regions, as the agents read it: `ID+ CIPHER KEY SIZE` (Cilium's guide to IPsec). From it they derive one for
 * each pair of nodes: the `+`.
 */
export const createIpsecKey = (): string => `3+ rfc4106(gcm(aes)) ${randomBytes(20).toString('hex')} 128`;

/** The key that a deploy of this folder has kept. */
export function readIpsecKey(paths: Paths): string | undefined {
  try {
    return readFileSync(paths.ipsecKey, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Keeps the key, and writes the Secret of it beside, for kubectl. */
export function writeIpsecKey(paths: Paths, key: string): void {
  writeSecret(paths.ipsecKey, `${key}\n`);
  const keys = Buffer.from(key).toString('base64');
  const metadata = { name, namespace: 'kube-system' };
  // JSON is YAML
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: { keys } };
  writeSecret(paths.secretValues(name), `${JSON.stringify(secret)}\n`);
}

/** The manifest that `writeIpsecKey` has written. */
export const ipsecManifest = (paths: Paths): string => paths.secretValues(name);

/** The key in a region's Secret; undefined where there is no Secret, or none of a deploy. */
export function ipsecKeyOf(objects: readonly KubeObject[]): string | undefined {
  const keys = objects[0]?.data?.keys;
  return keys === undefined ? undefined : Buffer.from(keys, 'base64').toString().trim();
}
