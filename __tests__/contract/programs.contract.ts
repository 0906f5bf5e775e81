import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, createBench } from '../stand-ins/lab-bench.ts';
import { answerTo } from './answers.ts';
import { offline } from './cases.ts';

type Program = keyof typeof offline;

/** The programs of both kits. */
const kits: Readonly<Record<string, Readonly<Record<Program, string>>>> = {
  article: { kind: 'v0.20.0', helm: 'v3.17.3', kubectl: 'v1.27.1', cilium: 'v0.16.20' },
  current: { kind: 'v0.32.0', helm: 'v3.17.3', kubectl: 'v1.36.1', cilium: 'v0.18.4' },
};

const folder = process.env.LAB_KIT;
const programs = Object.entries(kits).flatMap(([kit, versions]) =>
  Object.entries(versions).map(([program, version]) => ({ kit, program: program as Program, version })),
);

describe.each(programs)('$program $version of the kit $kit', ({ kit, program, version }) => {
  const real = folder === undefined ? '' : join(folder, 'real-tools', 'bin', `${program}-${version}`);
  const isThere = existsSync(real);
  let bench: Bench;
  beforeAll(() => {
    bench = createBench({ machine: { versions: kits[kit] ?? {} } });
  });
  afterAll(() => {
    bench.dispose();
  });

  if (!isThere)
    it.skip(real === '' ? 'LAB_KIT is not set' : `there is no ${real}`, () => {
      expect.unreachable();
    });

  it.runIf(isThere).each(offline[program])('answers as its stand-in: $line', (call) => {
    const fromStandIn = answerTo(call, (name) => bench.program(name as Program), bench.env);

    expect(fromStandIn).toEqual(answerTo(call, () => real, { PATH: process.env.PATH ?? '' }));
  });
});
