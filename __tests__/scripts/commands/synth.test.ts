import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDist, writeDist } from '../../../scripts/commands/synth.ts';
import { UserError } from '../../../scripts/events/errors.ts';
import { Paths } from '../../../scripts/files/paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'synth-'));
const env = { PATH: process.env.PATH ?? '', HOME: folder };
const never = new AbortController().signal;
const at = (file: string): Paths =>
  new Paths({ labFile: join(folder, file), dist: undefined, lab: 'my-lab', cwd: folder });

beforeAll(() => {
  writeFileSync(join(folder, 'lab.yaml'), 'name: my-lab\nregions: [{ name: a }, { name: b }]\n');
  writeFileSync(join(folder, 'wrong.yaml'), 'name: my-lab\nregions: []\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('synth as a program of its own', () => {
  it('GIVEN a lab without dist/ WHEN checked THEN refused with what would change; WHEN written THEN it is what lab.yaml says', async () => {
    await expect(checkDist(at('lab.yaml'), env, never)).rejects.toThrow(
      /Review what changes: npm run synth && git diff dist$/,
    );
    await writeDist(at('lab.yaml'), env, never);
    await checkDist(at('lab.yaml'), env, never);

    expect(readFileSync(at('lab.yaml').manifest('a', 'kind.yaml'), 'utf8')).toContain('kind: Cluster');
  });

  it('GIVEN a dist/ of another lab WHEN checked THEN it is refused, with what to type', async () => {
    writeFileSync(join(folder, 'renamed.yaml'), 'name: new-name\nregions: [{ name: a }, { name: b }]\n');
    await writeDist(at('lab.yaml'), env, never);

    await expect(checkDist(at('renamed.yaml'), env, never)).rejects.toThrow(
      'dist has the YAML of the lab my-lab, and this is the lab new-name. If new-name is its new name, take the folder over, ' +
        `and regions keep their addresses: npm run synth -- --lab ${join(folder, 'renamed.yaml')} --out dist --adopt. `,
    );
  });

  it('GIVEN a lab that is refused WHEN written THEN its own words', async () => {
    await expect(writeDist(at('wrong.yaml'), env, never)).rejects.toThrow(UserError);
  });

  it('GIVEN one that hangs WHEN the driver is stopped THEN it is stopped too', async () => {
    const hang = join(folder, 'hang.cjs');
    writeFileSync(hang, 'for (;;);');
    const controller = new AbortController();
    const options = { ...env, NODE_OPTIONS: `--require ${hang}` };
    const check = checkDist(at('lab.yaml'), options, controller.signal).catch((error: unknown) => error);
    await sleep(500);
    const from = performance.now();
    controller.abort();

    expect(await check).toMatchObject({ name: 'AbortError' });
    expect(performance.now() - from).toBeLessThan(5000);
  });
});
