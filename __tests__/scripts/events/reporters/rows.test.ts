import xterm from '@xterm/headless';
import { expect, it, vi } from 'vitest';
import { ChangingRows } from '../../../../scripts/events/reporters/rows.ts';

/** A real terminal in memory, which folds its lines when it gets narrower. */
function terminal(columns: number, rows = 12) {
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  let all = '';
  const stream = {
    isTTY: true,
    rows,
    write: (text: string) => {
      all += text;
      screen.write(text);
    },
  } as unknown as NodeJS.WriteStream;
  return {
    stream,
    resize: (to: number) => {
      screen.resize(to, rows);
    },
    /** All that it holds, also what has gone above its first line, once what is written has come. */
    seen: async (): Promise<string[]> => {
      await new Promise<void>((done) => {
        screen.write('', done);
      });
      const { buffer } = screen;
      const lines = Array.from({ length: buffer.active.length }, (_, at) =>
        buffer.active.getLine(at)?.translateToString(true),
      );
      return lines.join('\n').trimEnd().split('\n');
    },
    written: () => all,
    cursor: () => screen.buffer.active.cursorY + screen.buffer.active.baseY,
  };
}

const wide = ['one '.repeat(12).trim(), 'two '.repeat(12).trim(), 'three'];
const narrow = ['one o…', 'two t…', 'three'];

it('GIVEN rows WHEN drawn anew, fewer and other ones THEN these alone stand below what was there, the cursor before them', async () => {
  const { stream, seen, cursor } = terminal(60);
  const rows = new ChangingRows(stream);
  stream.write('done\n');

  rows.draw(wide);
  expect(await seen()).toEqual(['done', ...wide]);
  rows.draw(['last']);
  expect(await seen()).toEqual(['done', 'last']);
  expect(cursor()).toBe(1);
});

it('GIVEN rows WHEN the terminal gets narrower, and folds them THEN the next are whole, and what was written before stays', async () => {
  const { stream, resize, seen, cursor } = terminal(60);
  const rows = new ChangingRows(stream);
  stream.write('done\n');
  rows.draw(wide);
  await seen();

  resize(30);
  expect((await seen()).length).toBeGreaterThan(4);
  rows.draw(narrow);
  rows.draw(narrow);

  const lines = await seen();
  expect(lines[0]).toBe('done');
  expect(lines.slice(-3)).toEqual(narrow);
  expect(cursor()).toBe(lines.length - 3);
});

it('GIVEN a terminal that is narrower than it was told WHEN rows are drawn THEN they are cut, and what was written before stays', async () => {
  const { stream, seen } = terminal(20);
  const rows = new ChangingRows(stream);
  stream.write('done\n');

  rows.draw(wide);
  rows.draw(wide);
  expect((await seen()).map((line) => line.length)).toEqual([4, 20, 20, 5]);
  rows.clear();
  stream.write('a line that is folded again\n');

  expect(await seen()).toEqual(['done', 'a line that is folde', 'd again']);
});

it('GIVEN rows at the bottom WHEN lines are written above them THEN the terminal scrolls, and each line is there once', async () => {
  const { stream, seen } = terminal(40, 5);
  const rows = new ChangingRows(stream);
  const done = Array.from({ length: 8 }, (_, at) => `done ${at}`);

  for (const line of done) {
    rows.clear();
    stream.write(`${line}\n`);
    rows.draw(['at work', 'at work too']);
  }

  expect(await seen()).toEqual([...done, 'at work', 'at work too']);
});

it('GIVEN a key that the terminal echoes in the first row, as it does ^C WHEN a line is written THEN it begins at the left edge', async () => {
  const { stream, seen } = terminal(40);
  const rows = new ChangingRows(stream);
  rows.draw(['at work', 'at work too', 'at work as well']);

  stream.write('^C');
  rows.clear();
  stream.write('done\n');

  expect(await seen()).toEqual(['done']);
});

it('GIVEN more rows than a terminal has above the cursor WHEN drawn again and again THEN none is left in what has scrolled away', async () => {
  for (const height of [1, 2, 3]) {
    const { stream, seen } = terminal(40, height);
    const rows = new ChangingRows(stream);
    stream.write('done\n');

    for (let tries = 0; tries < 4; tries++) rows.draw(['at work', 'at work too', 'at work as well']);

    expect(await seen()).toEqual(['done', 'at work', 'at work too'].slice(0, height));
  }
});

it.each(['exit', 'SIGTSTP'] as const)(
  'GIVEN rows WHEN the process leaves the terminal by %s THEN they go, the cursor comes back, and nobody listens until rows are drawn again',
  async (way) => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const before = process.listeners(way as 'exit');
    const heard = () => process.listeners(way as 'exit').filter((each) => !before.includes(each));
    const { stream, seen, written } = terminal(40);
    const rows = new ChangingRows(stream);
    stream.write('done\n');
    rows.draw(['at work', 'at work too']);
    expect(heard().length).toBe(1);

    heard()[0]?.(0);
    expect(await seen()).toEqual(['done']);
    expect(written().endsWith('\u001b[?25h')).toBe(true);
    expect(heard()).toEqual([]);
    expect(kill.mock.calls).toEqual(way === 'exit' ? [] : [[process.pid, 'SIGTSTP']]);

    rows.draw(['at work']);
    expect(heard().length).toBe(1);
    rows.close();
    expect(heard()).toEqual([]);
    kill.mockRestore();
  },
);
