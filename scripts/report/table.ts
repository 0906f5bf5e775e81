import { type Html, markup, type Part } from './html.ts';

/** Letters of a cell that is folded. */
const PROSE = 48;

/** A table that scrolls by itself where it is wider than the page. @param name for those who do not see it */
export function table(name: string, head: readonly string[], rows: readonly (readonly Part[])[], caption?: Part): Html {
  const cell = (part: Part): Html =>
    typeof part === 'string' && part.length > PROSE ? markup`<td class="prose">${part}</td>` : markup`<td>${part}</td>`;
  return scrolling(
    name,
    markup`<table>${caption !== undefined && markup`<caption>${caption}</caption>`}
<thead><tr>${head.map((cell) => markup`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map(
      ([first, ...rest]) =>
        markup`<tr><th scope="row">${first}</th>${rest.map(cell)}</tr>
`,
    )}</tbody></table>`,
  );
}

/** What may be wider than the page, to be reached by keys too. */
export const scrolling = (name: string, content: Html): Html =>
  markup`<div class="scroll" role="region" aria-label="${name}" tabindex="0">${content}</div>`;

const signs = {
  ok: ['✓', 'ok', 'good'],
  bad: ['✗', 'bad', 'bad'],
  warn: ['!', 'warn', 'to be looked at'],
  none: ['·', 'muted', 'none'],
} as const;

export type Sign = keyof typeof signs;

/** Good, bad, to be looked at, or nothing: by a shape, by a colour, and by a word for those who see neither. */
export function sign(which: Sign): Html {
  const [shape, kind, word] = signs[which];
  return markup`<span class="sign ${kind}" role="img" aria-label="${word}">${shape}</span>`;
}
