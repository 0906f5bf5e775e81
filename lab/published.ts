import type { Download, Source, Sources } from './lab.ts';

/** Those of the lab's sources that are downloaded. */
export const downloadsOf = ({ ciliumChart, metallbManifest }: Sources): readonly Download[] =>
  [ciliumChart, metallbManifest].flatMap((source) => (source !== undefined && 'url' in source ? [source] : []));

/** As it is written in lab.yaml: a URL with its digest, as pip has it. */
export function asWritten(source: Source): string {
  if ('place' in source) return source.place;
  return source.sha256 === undefined ? source.url : `${source.url}#sha256=${source.sha256}`;
}

/** By version of Cilium: the chart, by the `digest` in https://helm.cilium.io/index.yaml, and the agent, by `image.digest` in that chart's values.yaml. */
const cilium: Readonly<Record<string, { readonly chart: string; readonly agent: string }>> = {
  '1.14.2': {
    chart: '5ed64fbbf48e5d226ef0080eb2c6c00f156f4505a795d637bd2f365c2fad82aa',
    agent: '6263f3a3d5d63b267b538298dbeb5ae87da3efacf09a2c620446c873ba807d35',
  },
  '1.20.0': {
    chart: 'c5f013912360d1a334f44ef25f36da59ba3414cdb48f466ee12d0c4fdff27883',
    agent: '383968cd5e8873f7976fa76aa6196045643558f4cc9518a207b9335cb24a0e93',
  },
};

/** By version of MetalLB: config/manifests/metallb-native.yaml of its git tag. */
const metallb: Readonly<Record<string, string>> = {
  'v0.13.7': '241df5f65d4a13768cdc0456e294cde4f6f96d62e70af3789b3456faee5dea2f',
  'v0.16.1': 'bf25feebb7582ca7df845efd52ffbc2960d6cbf4cfc972f47fded9f788b67f0b',
};

/** @param version `1.14.2` */
export function publishedChart(version: string): Download {
  return { url: `https://helm.cilium.io/cilium-${version}.tgz`, sha256: cilium[version]?.chart };
}

/** @param version `v0.13.7` */
export function publishedManifest(version: string): Download {
  const url = `https://raw.githubusercontent.com/metallb/metallb/${version}/config/manifests/metallb-native.yaml`;
  return { url, sha256: metallb[version] };
}

/** `sha256:…` of the agent's image; the same in every registry that mirrors it. @param version `1.14.2` */
export function agentDigest(version: string): string | undefined {
  const digest = cilium[version]?.agent;
  return digest === undefined ? undefined : `sha256:${digest}`;
}
