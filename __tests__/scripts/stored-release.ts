import { gzipSync } from 'node:zlib';

/** A revision of the Cilium release as Helm keeps it: a Secret of Kubernetes. */
export function storedRelease(version: number, status = 'deployed', config: object | null = null): object {
  const release = {
    ...{ name: 'cilium', version, info: { status }, config },
    chart: { metadata: { name: 'cilium', version: '1.14.2' }, templates: [] },
    manifest: '---\nkind: DaemonSet\nmetadata:\n  name: cilium\nspec: {}\n',
  };
  const data = Buffer.from(gzipSync(JSON.stringify(release)).toString('base64')).toString('base64');
  return { kind: 'Secret', apiVersion: 'v1', metadata: { name: `v${version}`, uid: 'u' }, data: { release: data } };
}

/** As kubectl prints several objects. */
export const list = (...items: readonly object[]): string => JSON.stringify({ kind: 'List', items });
