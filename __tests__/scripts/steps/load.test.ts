import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { load } from '../../../scripts/steps/load.ts';
import { athens, desiredOf, makeWork } from '../fixtures.ts';
import { makeProgramFolder, type ProgramFolder } from '../tools/programs.ts';

const name = 'quay.io/cilium/cilium:v1.14.2';
const region = athens({ nodes: ['one', 'two'], preload: { images: [{ name, reference: `${name}@sha256:aa` }] } });

let programs: ProgramFolder;
beforeEach(() => {
  programs = makeProgramFolder();
  writeFileSync(programs.file('loaded'), '');
});
afterEach(() => {
  programs.dispose();
});

/** Runs the step: these nodes hold the image, and what kind loads is there afterwards. @returns how kind was called */
async function loadInto(holding: readonly string[], kind: string): Promise<string> {
  const has = holding.map((node) => `*" ${node} "*) echo ${name} ;;`).join(' ');
  programs.addScript('docker', `case " $* " in ${has} *) /bin/cat ${programs.file('loaded')} ;; esac`);
  programs.addScript('kind', `echo "$@" >>${programs.file('calls')}\n${kind}`);
  writeFileSync(programs.file('calls'), '');
  const work = makeWork(programs.folder);
  const wanted = desiredOf(work.lab).get('region-athens');
  if (wanted === undefined) throw new Error('no region-athens');
  await load.run?.(work, region, wanted);
  return readFileSync(programs.file('calls'), 'utf8');
}

it('GIVEN a node image that holds the image already WHEN loaded THEN kind is not called', async () => {
  expect(await loadInto(['one', 'two'], '')).toBe('');
});

it('GIVEN one node that lacks it WHEN loaded THEN into that one alone', async () => {
  const calls = await loadInto(['one'], `echo ${name} >${programs.file('loaded')}`);

  expect(calls.trim()).toMatch(/^load image-archive \S+\.tar --name region-athens --nodes two$/);
});

it('GIVEN a kind that says it is done and is not WHEN loaded THEN the step fails, with the nodes', async () => {
  await expect(loadInto([], 'exit 0')).rejects.toThrow(`kind load said it was done, yet one, two lack ${name}`);
});
