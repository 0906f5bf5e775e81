import { styleText } from 'node:util';

/** Colours for a terminal, or none. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

/** @param colour false where output is no terminal, or NO_COLOR is set */
export function makeStyle(colour: boolean): Style {
  const paint =
    (format: Parameters<typeof styleText>[0]) =>
    (text: string): string =>
      colour ? styleText(format, text, { validateStream: false }) : text;
  return { bold: paint('bold'), dim: paint('dim'), good: paint('green'), bad: paint('red'), warn: paint('yellow') };
}

/** `1 worker`, `3 workers` */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** `0.4 s`, `41 s`, `4 min 40 s` */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `2026-11-30 03:12:05 UTC`; of what is no time, that. @param time milliseconds since 1970 */
export function timeText(time: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return 'an unknown time';
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Columns side by side, each as wide as its widest cell; without blanks at line ends. */
export function table(rows: readonly (readonly string[])[], gap = '  '): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(gap)
      .trimEnd(),
  );
}

/**
 * A sentence in lines of at most so many columns; a word that is longer stands alone, whole.
 * @param indent blanks before all lines but the first
 */
export function fold(text: string, columns: number, indent: number): string[] {
  if (text.length <= columns) return [text];
  const end = text.lastIndexOf(' ', columns);
  // a first word that does not fit goes over the edge
  const at = end > indent ? end : text.indexOf(' ', indent + 1);
  if (at < 0) return [text];
  return [text.slice(0, at), ...fold(' '.repeat(indent) + text.slice(at + 1), columns, indent)];
}
