import { StringDecoder } from 'node:string_decoder';

/** Longer than this, a line is handed on in parts. */
const longest = 64 * 1024;

/** Makes whole lines of a stream: a line, or a character, may come in two chunks. */
export class LineBuffer {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /** The lines that are whole now, each with its end; a carriage return ends one too, as progress bars have it. */
  add(chunk: Buffer): string {
    const text = this.#rest + this.#decoder.write(chunk);
    const end = text.length > longest ? text.length : Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
    this.#rest = text.slice(end);
    return text.slice(0, end);
  }

  /** What is left at the end of the stream, as a line. */
  end(): string {
    const text = this.#rest + this.#decoder.end();
    this.#rest = '';
    return text === '' ? '' : `${text}\n`;
  }
}
