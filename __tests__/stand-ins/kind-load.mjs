// @ts-check
import { readFileSync, statSync } from 'node:fs';
import { imageId } from './docker-cli.mjs';
import { kindArgs, needDocker, nodesOf } from './kind-cli.mjs';
import { Failure } from './program.mjs';
import { change, machine, world } from './state.mjs';

/** `kind load image-archive FILE` and `kind load docker-image IMAGE`, into all nodes. @param {import('./program.mjs').Program} program @param {string} what @param {string[]} args */
export function load(program, what, args) {
  const { words, get, all } = kindArgs(args, { name: 'string', nodes: 'list' });
  const name = get('name') ?? 'kind';
  if (words.length === 0)
    throw new Failure(
      `ERROR: ${what === 'docker-image' ? 'a list of image names is required' : 'a list of image archives is required'}`,
    );
  const archives = what === 'image-archive' ? words.map(readArchive) : [fromDocker(words)];
  needDocker('failed to list nodes');
  const nodes = chosen(
    name,
    all('nodes').flatMap((list) => list.split(',')),
  );
  if (what === 'docker-image') announce(program, words, nodes);
  program.pass(5);
  const half = Math.ceil(nodes.length / 2);
  importImages(nodes.slice(0, half), archives);
  program.reached();
  importImages(nodes.slice(half), archives);
}

/** @param {string} file @returns {{ images: string[], whole: boolean } | undefined} undefined: no archive of images */
function readArchive(file) {
  if (statSync(file, { throwIfNoEntry: false }) === undefined)
    throw new Failure(`ERROR: stat ${file}: no such file or directory`);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {string[]} names */
function fromDocker(names) {
  const { images } = world();
  const missing = names.find((name) => images[name] === undefined);
  if (missing !== undefined) throw new Failure(`ERROR: image: "${missing}" not present locally`);
  // kind saves without --platform: of no use under the containerd image store (kind#3795)
  return { images: names, whole: !machine().docker.containerdImageStore };
}

/** @param {string} cluster @param {string[]} only none: all */
function chosen(cluster, only) {
  const nodes = nodesOf(world(), cluster);
  if (nodes.length === 0) throw new Failure(`ERROR: no nodes found for cluster "${cluster}"`);
  const wanted = only.length === 0 ? nodes : only;
  const unknown = wanted.find((node) => !nodes.includes(node));
  if (unknown !== undefined) throw new Failure(`ERROR: unknown node: "${unknown}"`);
  return wanted;
}

/** @param {import('./program.mjs').Program} program @param {string[]} images @param {string[]} nodes */
function announce(program, images, nodes) {
  for (const image of images) {
    for (const node of nodes)
      program.err(`Image: "${image}" with ID "${imageId(image)}" not yet present on node "${node}", loading...`);
  }
}

/** @param {string[]} nodes @param {({ images: string[], whole: boolean } | undefined)[]} archives */
function importImages(nodes, archives) {
  for (const archive of archives) {
    const problem =
      archive === undefined
        ? 'ctr: unrecognized image format'
        : archive.whole
          ? undefined
          : `ctr: content digest ${imageId(archive.images[0] ?? '')}: not found`;
    if (problem !== undefined && nodes.length > 0) {
      const command = `docker exec --privileged -i ${nodes[0]} ctr --namespace=k8s.io images import --all-platforms --digests --snapshotter=overlayfs -`;
      throw new Failure(
        `ERROR: failed to load image: command "${command}" failed with error: exit status 1\n\nCommand Output: ${problem}`,
      );
    }
    change((now) => {
      for (const node of nodes)
        now.containers[node].images = [...new Set([...now.containers[node].images, ...(archive?.images ?? [])])];
    });
  }
}
