import { readFileSync } from 'node:fs';
import { type ImageName, imageName } from '../../lab/image-name.ts';
import type { Registry } from '../../lab/registries.ts';
import { imagesIn, testImagesIn } from '../supply/image-names.ts';
import { connectivityTestHelp } from '../tools/cilium.ts';
import { template } from '../tools/helm.ts';
import type { Work } from './step.ts';

/** An image that pods of the lab ask for. */
export interface WantedImage {
  /** As they ask for it. */
  readonly image: string;
  readonly name: ImageName;
  /** The one that it is asked of; undefined where that has no cache. */
  readonly registry: Registry | undefined;
  /** Cilium's connectivity test alone asks for it. */
  readonly isForTest: boolean;
}

/** All images that the lab's pods are made of, each once, the agent's first: by the chart, the manifest and the Cilium CLI themselves. */
export async function podImages({ lab, regions, paths, sources, ...work }: Work): Promise<WantedImage[]> {
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
  const own = new Set([...charts.flat(), ...manifests.flatMap(imagesIn)]);
  const put = new Set(regions.flatMap(({ preload }) => preload.images.map((each) => each.name)));
  return [...new Set([...own, ...testImagesIn(help.stdout)])]
    .filter((image) => !put.has(image))
    .map((image) => {
      const name = imageName(image);
      const registry = lab.registries.find(({ host }) => host === name.host);
      return { image, name, registry, isForTest: !own.has(image) };
    })
    .toSorted((one, other) => Number(isAgent(other)) - Number(isAgent(one)));
}

const isAgent = ({ image }: WantedImage): boolean => /\/cilium\/cilium[:@]/.test(image);
