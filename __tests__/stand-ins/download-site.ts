import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Stack, stacks } from '../../lab/stacks.ts';
import { published } from './metallb.mjs';

/** A site of this machine that has what the lab downloads; the real ones are never asked. */
export interface DownloadSite {
  /** The lines of lab.yaml that name it, each URL with its digest. */
  readonly sources: string;
  /** Those of a lab of the stack `current`. */
  readonly currentSources: string;
  /** Paths in the order in which they were asked for. */
  readonly requests: readonly string[];
}

let site: Promise<DownloadSite> | undefined;

/** One for all labs of a test file; it goes with the file's process. */
export function downloadSite(): Promise<DownloadSite> {
  return (site ??= openSite());
}

async function openSite(): Promise<DownloadSite> {
  const { article, current } = stacks;
  const chartOf = ({ versions }: Stack): string => `/cilium-${versions.cilium}.tgz`;
  const manifestOf = ({ versions }: Stack): string => `/metallb/${versions.metallb}/metallb-native.yaml`;
  const files: Readonly<Record<string, Buffer>> = Object.fromEntries(
    [article, current].flatMap((stack) => [
      [chartOf(stack), gzipSync('a chart')],
      [manifestOf(stack), metallbManifest(stack.versions.metallb)],
    ]),
  );
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
  const sourcesOf = (stack: Stack): string =>
    `sources:\n  ciliumChart: ${at(chartOf(stack))}\n  metallbManifest: ${at(manifestOf(stack))}\n`;
  return { sources: sourcesOf(article), currentSources: sourcesOf(current), requests };
}

/** JSON is YAML. */
function metallbManifest(version: string): Buffer {
  const url = `https://raw.githubusercontent.com/metallb/metallb/${version}/config/manifests/metallb-native.yaml`;
  const objects = (published(url) ?? []).map((object) => JSON.stringify(object));
  return Buffer.from(`${objects.join('\n---\n')}\n`);
}
