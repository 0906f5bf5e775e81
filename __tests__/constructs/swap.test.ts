import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { write } from '../../constructs/write.ts';
import { header } from '../../lab/generated.ts';

vi.mock('node:fs', async (load) => {
  const real = await load<typeof fs>();
  return { ...real, renameSync: vi.fn(real.renameSync) };
});

const { renameSync: rename } = await vi.importActual<typeof fs>('node:fs');
let folder: string;
let out: string;

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'swap-')));
  out = join(folder, 'dist');
  synth('old');
});
afterEach(() => {
  vi.mocked(fs.renameSync).mockImplementation(rename);
  fs.rmSync(folder, { recursive: true });
});

function synth(content: string) {
  const files = new Map([['athens/kind.yaml', `${header('athens', 'kind.yaml')}${content}\n`]]);
  const around = { cwd: join(folder, 'elsewhere'), home: '/home/nobody', labFile: join(folder, 'lab.yaml') };
  return write({ path: out, by: '--out' }, () => ({ lab: 'test', files }), around);
}

/** Folders of these names cannot be moved any more. */
function unmovable(...names: string[]): void {
  vi.mocked(fs.renameSync).mockImplementation((from, to) => {
    if (names.includes(basename(String(from))))
      throw Object.assign(new Error(`EIO: i/o error, rename '${basename(String(from))}'`), { syscall: 'rename' });
    rename(from, to);
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
  vi.mocked(fs.renameSync).mockImplementation(rename);
  rename(join(folder, staging), join(folder, staging.replace(/\d+/, String(2 ** 22 + 1))));
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
