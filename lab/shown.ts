import { publicUrl } from './public-url.ts';
import { isValues } from './values.ts';

/** How much of a value a message quotes. */
const LONGEST_QUOTE = 80;

/** Text of lab.yaml as a message quotes it: the beginning of what is long, and no secret of a URL. */
export function shown(given: string): string {
  const text = publicUrl(given);
  if (text.length <= LONGEST_QUOTE) return text;
  // not within a character of two code units
  return `${text.slice(0, LONGEST_QUOTE).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Any value of lab.yaml as a message names it: a text in quotes, a list or a map by its kind. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isValues(value)) return 'a map';
  return typeof value === 'string' ? `"${shown(value)}"` : String(value);
}

/**
 * A message on one line, in which nothing is hidden and nothing steers the terminal: control characters become blanks,
 * and what has no shape or turns the direction of writing is spelled out, such as `\\u202e`.
 */
export function oneLine(message: string): string {
  return message
    .replaceAll(/\p{Cc}+/gu, ' ')
    .replaceAll(/[\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (character) => {
      const code = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
      return code.length > 4 ? `\\u{${code}}` : `\\u${code}`;
    });
}
