import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { header } from '../../lab/generated.ts';

const rename = vi.fn(fs.renameSync);
vi.resetModules();
vi.doMock('node:fs', async (load) => ({ ...(await load<typeof fs>()), renameSync: rename }));
const { write } = await import('../../constructs/write.ts');

let folder: string;
let out: string;

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'swap-')));
  out = join(folder, 'dist');
  synth('old');
});
afterEach(() => {
  rename.mockImplementation(fs.renameSync);
  fs.rmSync(folder, { recursive: true });
});
// the next test file has the modules of this process too
afterAll(() => {
  vi.doUnmock('node:fs');
  vi.resetModules();
});

function synth(content: string) {
  const files = new Map([['athens/kind.yaml', `${header('athens', 'kind.yaml')}${content}\n`]]);
  const around = { cwd: join(folder, 'elsewhere'), home: '/home/nobody', labFile: join(folder, 'lab.yaml') };
  return write({ path: out, by: '--out' }, () => ({ lab: 'test', files }), around);
}

/** Folders of these names cannot be moved any more. */
function unmovable(...names: string[]): void {
  rename.mockImplementation((from, to) => {
    if (names.includes(basename(String(from))))
      throw Object.assign(new Error(`EIO: i/o error, rename '${basename(String(from))}'`), { syscall: 'rename' });
    fs.renameSync(from, to);
  });
}

it('GIVEN the new folder cannot take its place THEN the old one comes back, and nothing lies beside it', () => {
  unmovable('next');

  expect(() => synth('new')).toThrow(`cannot write ${out}: EIO: i/o error, rename 'next'. It is as it was.`);
  expect(fs.readFileSync(join(out, 'athens/kind.yaml'), 'utf8')).toContain('old');
  expect(fs.readdirSync(folder)).toEqual(['dist']);
});

it('GIVEN the old folder cannot come back either THEN it is not removed, the message says where it lies, and the next synth has it', () => {
  unmovable('next', 'previous');

  const message = messageOf(() => synth('new'));

  const [staging = ''] = fs.readdirSync(folder);
  const previous = join(folder, staging, 'previous');
  expect(message).toBe(
    `cannot write ${out}: EIO: i/o error, rename 'previous'. What it held lies in ${previous}: move it back.`,
  );
  expect(fs.readFileSync(join(previous, 'athens/kind.yaml'), 'utf8')).toContain('old');

  // as if that process had ended
  rename.mockImplementation(fs.renameSync);
  fs.renameSync(join(folder, staging), join(folder, staging.replace(/\d+/, String(2 ** 22 + 1))));
  expect(synth('new').different).toEqual({ changed: ['athens/kind.yaml'], added: [], removed: [] });
  expect(fs.readdirSync(folder)).toEqual(['dist']);
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}
