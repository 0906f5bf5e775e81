import { readFileSync } from 'node:fs';
import pLimit from 'p-limit';
import { imageName } from '../../lab/image-name.ts';
import { FillError, fillCache, isAnswering, oneAtATime } from '../supply/fill-cache.ts';
import { imagesIn, testImagesIn } from '../supply/image-names.ts';
import { connectivityTestHelp } from '../tools/cilium.ts';
import { listCaches, parseCaches } from '../tools/docker-cache.ts';
import { template } from '../tools/helm.ts';
import { needsImages } from './cache.ts';
import { type LabStep, run, skip, type Work } from './step.ts';

/** Images at once: each of them comes through one connection. */
const AT_ONCE = 4;

/**
 * Lets the caches fetch what the lab is made of, beside the clusters, each image once: nodes that ask at once for what is still on its way
 * would have it fetched again.
 */
export const fill: LabStep = {
  name: 'fill',
  title: 'fetch the images into the caches',
  scope: 'lab',
  after: ['cache', 'fetch'],
  concerns: ({ imagesBy }) => imagesBy === 'cache',
  decide({ runs }) {
    return needsImages(runs) ? run('what the nodes will ask for') : skip('nothing new is asked for');
  },
  async run(work) {
    const { lab, observed, queries, signal } = work;
    const ports = new Map((await queries.read(listCaches(), parseCaches)).map(({ name, port }) => [name, port]));
    const [anyPort] = lab.registries.flatMap(({ cache }) => ports.get(cache) ?? []);
    if (anyPort === undefined || (await isAnswering(`http://127.0.0.1:${anyPort}`)) !== true) {
      work.found('the caches do not answer on this machine: the nodes fill them');
      return;
    }
    const limit = pLimit(AT_ONCE);
    const alone = oneAtATime();
    let [bytes, done] = [0, 0];
    const missing: string[] = [];
    // nodes ask other registries themselves
    const all = (await imagesOf(work)).flatMap((image) => {
      const name = imageName(image);
      const port = ports.get(lab.registries.find(({ host }) => host === name.host)?.cache ?? '');
      return port === undefined ? [] : [{ image, name, base: `http://127.0.0.1:${port}` }];
    });
    await Promise.all(
      all.map(({ image, name, base }) =>
        limit(async () => {
          try {
            bytes += (await fillCache(base, name, observed.engine.platform, signal, alone)).bytes;
          } catch (error) {
            if (!(error instanceof FillError)) throw error;
            missing.push(image);
          }
          done += 1;
          work.progress(`${done} of ${all.length} images, ${megabytes(bytes)} MB`);
        }),
      ),
    );
    // a node asks the registry itself where its cache has nothing; whether that has it, it will say
    const fetched = bytes > 0 ? `${megabytes(bytes)} MB fetched` : 'nothing fetched';
    const lacking = missing.length === 0 ? '' : `; not ${few(missing)}`;
    work.found(`${all.length - missing.length} of ${all.length} images, ${fetched}${lacking}`);
  },
};

/** Images that are named, of those that cannot be had. */
const MOST = 3;

/** `quay.io/cilium/json-mock:v1.3.8, … and 2 more` */
function few(images: readonly string[]): string {
  const shown = images.slice(0, MOST).map((image) => image.replace(/@sha256:.*$/, ''));
  return `${shown.join(', ')}${images.length > MOST ? `, and ${images.length - MOST} more` : ''}`;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** Names of all images that the lab's pods are made of, each once, the agent's first: by the chart, the manifest and the Cilium CLI themselves. */
async function imagesOf({ lab, regions, paths, sources, ...work }: Work): Promise<string[]> {
  const chart = sources.place(lab.sources.ciliumChart);
  const charts = await Promise.all(
    regions.map(async ({ name }) => {
      const values = paths.manifest(name, 'cilium-values.yaml');
      const { stdout } = await work.run({ ...template(chart, lab.stack.versions.cilium, [values]), bulk: true });
      return imagesIn(stdout);
    }),
  );
  const { metallbManifest } = lab.sources;
  const manifests = [
    ...(metallbManifest === undefined ? [] : [readFileSync(sources.place(metallbManifest), 'utf8')]),
    ...regions.flatMap(({ name }) => [...(work.desired.get(name)?.texts.values() ?? [])]),
  ];
  const help = await work.attempt(connectivityTestHelp());
  const all = [...charts.flat(), ...manifests.flatMap(imagesIn), ...testImagesIn(help.stdout)];
  return [...new Set(all)].toSorted((one, other) => Number(isAgent(other)) - Number(isAgent(one)));
}

const isAgent = (image: string): boolean => /\/cilium\/cilium[:@]/.test(image);
