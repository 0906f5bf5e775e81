import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLab } from '../../../lab/load.ts';
import { checkDist, writeDist } from '../../../scripts/commands/synth.ts';
import { UserError } from '../../../scripts/events/errors.ts';
import { Paths } from '../../../scripts/files/paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'synth-'));
const env = { PATH: process.env.PATH ?? '', HOME: folder };
const never = new AbortController().signal;
const at = (file: string): Paths =>
  new Paths({ labFile: join(folder, file), dist: undefined, lab: 'my-lab', cwd: folder });
/** The lab as a command has it that changes things. */
const session = (file = 'lab.yaml', more: Readonly<Record<string, string>> = {}) => ({
  lab: loadLab(join(folder, file)),
  paths: at(file),
  env: { ...env, ...more },
  touches: true,
});
/** A program that synth is told to load first: where it is started at all, it does nothing but that. */
const instead = (name: string, text: string): Record<string, string> => {
  writeFileSync(join(folder, name), text);
  return { NODE_OPTIONS: `--require ${join(folder, name)}` };
};

beforeAll(() => {
  writeFileSync(join(folder, 'lab.yaml'), 'name: my-lab\nregions: [{ name: a }, { name: b }]\n');
  writeFileSync(join(folder, 'wrong.yaml'), 'name: my-lab\nregions: []\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('synth as a program of its own', () => {
  it('GIVEN a lab without dist/ WHEN checked THEN refused with what would change; WHEN written THEN it is what lab.yaml says', async () => {
    await expect(checkDist(session(), never)).rejects.toThrow(/Review what changes: npm run synth && git diff dist$/);
    await writeDist(at('lab.yaml'), env, never);
    await checkDist(session(), never);

    expect(readFileSync(at('lab.yaml').manifest('a', 'kind.yaml'), 'utf8')).toContain('kind: Cluster');
  });

  it('GIVEN a dist/ of another lab WHEN checked THEN it is refused, with what to type', async () => {
    writeFileSync(join(folder, 'renamed.yaml'), 'name: new-name\nregions: [{ name: a }, { name: b }]\n');
    await writeDist(at('lab.yaml'), env, never);

    await expect(checkDist(session('renamed.yaml'), never)).rejects.toThrow(
      'dist has the YAML of the lab my-lab, and this is the lab new-name. If new-name is its new name, take the folder over, ' +
        `and regions keep their addresses: npm run synth -- --lab ${join(folder, 'renamed.yaml')} --out dist --adopt. `,
    );
  });

  it('GIVEN a lab that is refused WHEN written THEN its own words', async () => {
    await expect(writeDist(at('wrong.yaml'), env, never)).rejects.toThrow(UserError);
  });

  it('GIVEN one that hangs WHEN the driver is stopped THEN it is stopped too', async () => {
    const controller = new AbortController();
    const hangs = session('lab.yaml', instead('hang.cjs', 'for (;;);'));
    const check = checkDist(hangs, controller.signal).catch((error: unknown) => error);
    await sleep(500);
    const from = performance.now();
    controller.abort();

    expect(await check).toMatchObject({ name: 'AbortError' });
    expect(performance.now() - from).toBeLessThan(5000);
  });
});

describe('GIVEN a dist/ that synth has said yes to', () => {
  /** Fails where synth is started. */
  const neverAsked = (file?: string) =>
    session(file, instead('asked.cjs', 'process.stderr.write("synth was asked"); process.exit(2);'));
  const ask = async (file?: string): Promise<unknown> =>
    checkDist(neverAsked(file), never).catch((error: unknown) => (error as Error).message);

  beforeAll(async () => {
    await writeDist(at('lab.yaml'), env, never);
    mkdirSync(at('lab.yaml').state, { recursive: true });
    await checkDist(session(), never);
  });

  it('WHEN checked again THEN synth is not asked', async () => {
    expect(await ask()).toBe(undefined);
  });

  it.each([
    [
      'a file of dist/ changes',
      () => {
        appendFileSync(at('lab.yaml').manifest('a', 'kind.yaml'), '# mine\n');
      },
    ],
    [
      'a file is added to dist/',
      () => {
        writeFileSync(join(at('lab.yaml').dist, 'a', 'more.yaml'), '');
      },
    ],
    [
      'a file is gone from dist/',
      () => {
        rmSync(at('lab.yaml').manifest('b', 'kind.yaml'));
      },
    ],
    [
      'lab.yaml changes',
      () => {
        appendFileSync(join(folder, 'lab.yaml'), 'test: { only: [no-policies] }\n');
      },
    ],
    [
      'what was kept is damaged',
      () => {
        appendFileSync(at('lab.yaml').checked, 'x');
      },
    ],
  ])('WHEN %s THEN it is', async (_, change) => {
    rmSync(at('lab.yaml').dist, { recursive: true });
    await writeDist(at('lab.yaml'), env, never);
    await checkDist(session(), never);
    expect(await ask()).toBe(undefined);
    change();

    expect(await ask()).toBe('synth was asked');
  });

  it('WHEN a command only looks THEN nothing is kept', async () => {
    rmSync(at('lab.yaml').checked, { force: true });
    rmSync(at('lab.yaml').dist, { recursive: true });
    await writeDist(at('lab.yaml'), env, never);
    await checkDist({ ...session(), touches: false }, never);

    expect(await ask()).toBe('synth was asked');
  });
});
