import type { PreloadedImage, Values } from './lab.ts';
import { agentDigest } from './published.ts';

const byDigest = 'cilium.values ask for the image by its digest, which kind cannot load';

/**
 * The agent's image as the chart will ask for it (its template `cilium.image`). A mirror has the digest of what it mirrors;
 * another tag has not.
 * @returns it, or the reason why it cannot be preloaded
 * @param values `cilium.values` of the region
 * @param version of Cilium: `1.14.2`
 */
export function agentImage(values: Values, version: string): PreloadedImage | { readonly reason: string } {
  const image = (values.image ?? {}) as Readonly<Record<string, unknown>>;
  const given = (key: string): string | undefined => {
    const value = image[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const override = given('override');
  const tag = given('tag') ?? `v${version}`;
  const name = override ?? `${given('repository') ?? 'quay.io/cilium/cilium'}:${tag}`;
  if (name.includes('@') || (override === undefined && image.useDigest === true)) return { reason: byDigest };
  if (override !== undefined) return { name, reference: name };
  const digest = given('digest') ?? (tag === `v${version}` ? agentDigest(version) : undefined);
  return { name, reference: digest === undefined ? name : `${name}@${digest}` };
}
