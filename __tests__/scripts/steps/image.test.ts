import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { image } from '../../../scripts/steps/image.ts';
import type { Output } from '../../../scripts/tools/runner.ts';
import { articleLab, makeWork, nothingThere } from '../fixtures.ts';

const name = 'quay.io/cilium/cilium:v1.14.2';
const pinned = `${name}@sha256:aa`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the step for one image. @returns the calls of docker, the folder written as LAB */
async function calls(
  reference: string,
  there: { archive?: true; pulled?: true; store?: true } = {},
): Promise<string[]> {
  const lab = articleLab();
  const regions = lab.regions.map((region) => ({ ...region, preload: { images: [{ name, reference }] } }));
  const nothing = nothingThere(lab);
  const engine = { ...nothing.engine, containerdImageStore: there.store === true };
  const images = new Map(there.pulled === true ? [[reference, reference]] : []);
  const called: string[] = [];
  const work = makeWork(folder, {
    regions,
    observed: { ...nothing, engine, images },
    run: ({ args }) => {
      called.push(args.join(' ').replaceAll(folder, 'LAB'));
      const file = args[args.indexOf('--output') + 1];
      if (args[0] === 'save' && file !== undefined) writeFileSync(file, '');
      return Promise.resolve({ stdout: '', stderr: '' } as Output);
    },
  });
  if (there.archive === true) {
    mkdirSync(work.paths.images, { recursive: true });
    writeFileSync(work.paths.archive(reference), '');
  }
  await image.run?.(work);
  return called;
}

const archive = (of: string): string => `LAB/.lab/clustermesh-lab/images/${of.replaceAll(/[^\w.-]/g, '_')}.tar.partial`;

it('GIVEN nothing WHEN packed THEN pulled by digest, named as kind can carry it, and saved, once for all regions', async () => {
  expect(await calls(pinned)).toEqual([
    `pull ${pinned}`,
    `tag ${pinned} ${name}`,
    `save --output ${archive(pinned)} ${name}`,
  ]);
});

it('GIVEN the archive of that digest WHEN packed THEN nothing is done', async () => {
  expect(await calls(pinned, { archive: true })).toEqual([]);
});

it('GIVEN an archive without a digest in its name WHEN packed THEN anew: the image may be another since', async () => {
  expect(await calls(name, { archive: true, pulled: true })).toEqual([`save --output ${archive(name)} ${name}`]);
});

it('GIVEN the containerd image store WHEN packed THEN for the platform of this machine alone', async () => {
  expect(await calls(name, { pulled: true, store: true })).toEqual([
    `save --platform linux/amd64 --output ${archive(name)} ${name}`,
  ]);
});
