import { stripVTControlCharacters } from 'node:util';
import { escape } from '../draw/svg.ts';

/** A piece of a page whose text is markup. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What stands in a page: text, which is escaped; markup, which is not; several of these; or nothing. */
export type Part = Html | string | number | undefined | false | readonly Part[];

/** What programs write for a terminal, and what no page may hold, goes. */
const escaped = (text: string): string => escape(stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\n\t]/gu, ''));

const render = (part: Part): string => {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escaped(part);
  return typeof part === 'number' ? String(part) : part.map(render).join('');
};

/** Markup with what it holds: all that is not markup itself is escaped, between tags and in quoted attributes. */
export const markup = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.reduce((text, string, index) => text + render(parts[index - 1]) + string));

/** Text that holds no markup of its own, as a style sheet: `</` cannot end the element around it. */
export const raw = (text: string): Html => new Html(text.replaceAll('</', String.raw`<\/`));

/** A value as JSON inside a `script` of type application/json: nothing in it can end the element. */
export const json = (value: unknown): Html => new Html(JSON.stringify(value).replaceAll('<', String.raw`\u003c`));
