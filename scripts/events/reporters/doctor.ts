import type { Finding } from '../doctor-event.ts';
import { counted, fold, type Style } from './text.ts';

/** What is well stands in one short line; the rest says what is needed and what to type. */
export function doctorLines(findings: readonly Finding[], style: Style, columns = Infinity): string[] {
  const width = Math.max(0, ...findings.map(({ name }) => name.length));
  const indent = width + 4;
  const lines = findings.flatMap((finding) => {
    const { name, level, ignored, seen, needed, remedy } = finding;
    const head = `${seen}${ignored === true ? ' (ignored)' : ''}`;
    const texts = [head, ...(level === 'ok' ? [] : [needed, remedy === undefined ? undefined : `→ ${remedy}`])];
    const [first = '', ...rest] = texts
      .filter((text) => text !== undefined)
      .flatMap((text) => fold(' '.repeat(indent) + text, columns, indent));
    return [`${markOf(finding, style)} ${name.padEnd(width)}  ${first.slice(indent)}`, ...rest];
  });
  return [...lines, '', verdict(findings, style)];
}

function markOf({ level, ignored }: Finding, style: Style): string {
  if (level === 'ok') return style.good('✓');
  return level === 'fatal' && ignored !== true ? style.bad('✗') : style.warn('!');
}

/** What it all comes to. */
function verdict(findings: readonly Finding[], style: Style): string {
  const stops = findings.filter(({ level, ignored }) => level === 'fatal' && ignored !== true);
  const warnings = findings.filter(({ level, ignored }) => level === 'warning' && ignored !== true).length;
  if (stops.length > 0) return `${style.bad('✗')} a deploy stops here: ${names(stops)}`;
  return warnings === 0 ? 'nothing is in the way' : `nothing stops a deploy; ${counted(warnings, 'warning')}`;
}

const names = (findings: readonly Finding[]): string => [...new Set(findings.map(({ name }) => name))].join(', ');
