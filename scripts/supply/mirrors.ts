import type { Mirrors } from '../../lab/lab.ts';

/**
 * URLs that are asked for a file, in turn. A mirror needs no trust where the sum is known before: what it gives is held
 * against that.
 * @param mirrors `mirrors:` of lab.yaml: the host's mirror is asked first, then the publisher
 * @param prefix `CLUSTERMESH_LAB_MIRROR`: every download is asked as PREFIX/HOST/PATH, and nowhere else
 */
export function placesOf(url: string, mirrors: Mirrors, prefix = ''): string[] {
  const { host, pathname, search } = new URL(url);
  const path = `${pathname}${search}`;
  if (prefix !== '') return [`${trimmed(prefix)}/${host}${path}`];
  const mirror = Object.hasOwn(mirrors, host) ? mirrors[host] : undefined;
  return mirror === undefined ? [url] : [`${trimmed(mirror)}${path}`, url];
}

const trimmed = (text: string): string => text.replace(/\/+$/, '');
