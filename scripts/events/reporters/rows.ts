import cliCursor from 'cli-cursor';

/** Where wrapping is off, a row that is too wide is cut by the terminal, and each stays one row. */
const cutRows = '\u001b[?7l';
const foldRows = '\u001b[?7h';
const up = (rows: number): string => `\u001b[${rows}A`;
/**
 * The line, from its left edge (a key that the terminal echoed, as it does ^C, has moved the cursor), then all below it: tmux
 * keeps a screen that is cleared at once from its first line on (its option `scroll-on-clear`).
 */
const clearAll = `\u001b[1G\u001b[2K\u001b[1B\u001b[0J${up(1)}`;

/**
 * The changing rows at the bottom of a terminal. The cursor waits, hidden, at the start of the first: what is to be drawn anew is
 * all that is below it, however many rows a terminal makes of it that has become narrower and folds them. (xterm.js, VS Code's
 * terminal, moves the cursor then, and leaves the rows above it.)
 */
export class ChangingRows {
  readonly #stream: NodeJS.WriteStream;
  #isDrawn = false;
  #isHidden = false;
  /** Who leaves at once (a second Ctrl-C) or for a while (Ctrl-Z) takes the rows along. */
  readonly #leave = (): void => {
    this.close();
  };
  readonly #suspend = (): void => {
    this.close();
    // nobody listens any more: the system decides, which stops none that no shell could wake
    process.kill(process.pid, 'SIGTSTP');
  };

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Puts these rows in the place of those drawn last. Each is cut at the terminal's width; those that find no room are left out. */
  draw(all: readonly string[]): void {
    // the cursor needs a line below them; a terminal that does not know its height says 0
    const rows = this.#stream.rows > 0 ? all.slice(0, this.#stream.rows - 1) : all;
    if (rows.length === 0) {
      this.clear();
      return;
    }
    if (!this.#isHidden) this.#hide();
    const before = this.#isDrawn ? clearAll : '';
    this.#isDrawn = true;
    this.#stream.write(`${before}${cutRows}${rows.join('\n')}\n${foldRows}${up(rows.length)}`);
  }

  /** Removes the rows: what is written next stands in their place. */
  clear(): void {
    if (this.#isDrawn) this.#stream.write(clearAll);
    this.#isDrawn = false;
  }

  /** Removes the rows and shows the cursor, until rows are drawn anew. */
  close(): void {
    this.clear();
    this.#isHidden = false;
    process.off('exit', this.#leave).off('SIGTSTP', this.#suspend);
    cliCursor.show(this.#stream);
  }

  #hide(): void {
    this.#isHidden = true;
    process.on('exit', this.#leave).on('SIGTSTP', this.#suspend);
    cliCursor.hide(this.#stream);
  }
}
