import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { published } from './metallb.mjs';

/** A site of this machine that has what the lab downloads; the real ones are never asked. */
export interface DownloadSite {
  /** The lines of lab.yaml that name it, each URL with its digest. */
  readonly sources: string;
  /** Paths in the order in which they were asked for. */
  readonly requests: readonly string[];
}

let site: Promise<DownloadSite> | undefined;

/** One for all labs of a test file; it goes with the file's process. */
export function downloadSite(): Promise<DownloadSite> {
  return (site ??= openSite());
}

async function openSite(): Promise<DownloadSite> {
  const chart = '/cilium-1.14.2.tgz';
  const manifest = '/metallb/v0.13.7/metallb-native.yaml';
  const files: Readonly<Record<string, Buffer>> = { [chart]: gzipSync('a chart'), [manifest]: manifestOf('v0.13.7') };
  const requests: string[] = [];
  const server: Server = createServer(({ url = '' }, answer) => {
    requests.push(url);
    answer.statusCode = files[url] === undefined ? 404 : 200;
    answer.end(files[url]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const at = (path: string): string => {
    const sha256 = createHash('sha256')
      .update(files[path] ?? '')
      .digest('hex');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}#sha256=${sha256}`;
  };
  return { sources: `sources:\n  ciliumChart: ${at(chart)}\n  metallbManifest: ${at(manifest)}\n`, requests };
}

/** JSON is YAML. */
function manifestOf(version: string): Buffer {
  const url = `https://raw.githubusercontent.com/metallb/metallb/${version}/config/manifests/metallb-native.yaml`;
  const objects = (published(url) ?? []).map((object) => JSON.stringify(object));
  return Buffer.from(`${objects.join('\n---\n')}\n`);
}
