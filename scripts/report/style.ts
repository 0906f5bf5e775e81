import { ACCENTS, accentClass } from '../draw/style.ts';

const LIGHT = `
--page: #ffffff; --raised: #f6f8fa; --line: #d1d9e0; --text: #1f2328; --muted: #59636e;
--ok: #1a7f37; --bad: #cf222e; --warn: #9a6700; --link: #0969da; --band: #9a670026;`;

const DARK = `
--page: #0d1117; --raised: #161b22; --line: #3d444d; --text: #f0f6fc; --muted: #9198a1;
--ok: #3fb950; --bad: #ff7b72; --warn: #d29922; --link: #58a6ff; --band: #d2992240;`;

const accents = (mode: 0 | 1): string =>
  ACCENTS.map((pair, index) => `.${accentClass(index)} { color: ${pair[mode]}; }`).join('\n');

/** The style sheet of the page: light or dark by the reader's system, light on paper; nothing in it is fetched. */
export const STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
${accents(0)}
@media screen and (prefers-color-scheme: dark) {
:root { ${DARK} }
${accents(1)}
}
* { box-sizing: border-box; }
html { scrollbar-gutter: stable; }
body {
  margin: 0 auto; padding: 24px clamp(12px, 3vw, 40px) 64px; max-width: 1360px;
  background: var(--page); color: var(--text);
  font: 15px/1.5 -apple-system, BlinkMacSystemFont, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif;
  overflow-wrap: break-word;
}
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 20px; margin: 48px 0 12px; padding-bottom: 6px; border-bottom: 1px solid var(--line); }
h3 { font-size: 16px; margin: 28px 0 8px; }
p { margin: 8px 0; max-width: 78ch; }
a { color: var(--link); }
.muted { color: var(--muted); }
.ok { color: var(--ok); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.verdict { list-style: none; margin: 16px 0 0; padding: 0; font-size: 17px; }
.verdict li { padding: 3px 0 3px 28px; text-indent: -28px; }
.sign { display: inline-block; width: 28px; text-indent: 0; font-weight: 700; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0 0; }
.tiles div { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; }
.tiles dt { color: var(--muted); font-size: 13px; }
.tiles dd { margin: 2px 0 0; font-size: 19px; font-weight: 600; line-height: 1.3; }
.tiles small { display: block; font-size: 13px; font-weight: 400; color: var(--muted); }
code, pre, .mono { font: 13px/1.45 ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace; }
code { overflow-wrap: anywhere; }
pre {
  margin: 8px 0; padding: 10px 12px; background: var(--raised); border: 1px solid var(--line); border-radius: 6px;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.scroll { position: relative; overflow-x: auto; margin: 12px 0; }
.scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 14px; }
caption { text-align: left; color: var(--muted); padding: 0 0 6px; max-width: 78ch; }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th, td { white-space: nowrap; }
th { font-weight: 600; }
td { font-variant-numeric: tabular-nums; }
td.prose { white-space: normal; min-width: 32ch; }
details { border: 1px solid var(--line); border-radius: 8px; margin: 8px 0; padding: 0 14px; }
summary { cursor: pointer; padding: 9px 0; }
details[open] > summary { border-bottom: 1px solid var(--line); margin-bottom: 8px; }
figure { margin: 12px 0; }
figcaption { font-size: 13px; color: var(--muted); }
.picture { min-width: 620px; max-width: 100%; height: auto; display: block; }
.timeline { min-width: 760px; width: 100%; height: auto; display: block; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 16px 20px; }
.plots svg { width: 100%; height: auto; display: block; }
.plots figure { margin: 0; }
svg text { fill: var(--text); font-size: 12px; }
svg .axis { fill: var(--muted); font-size: 11px; }
svg .rule { stroke: var(--line); }
svg .band { fill: var(--band); }
svg .command { fill: var(--warn); }
svg .failure { stroke: var(--bad); }
svg .late { stroke: var(--text); stroke-width: 3; }
svg .dots { fill: none; stroke: none; }
svg .dot { fill: currentColor; fill-opacity: 0.75; stroke: none; }
svg .hollow { fill: none; stroke: currentColor; }
svg .share { fill: currentColor; fill-opacity: 0.55; stroke: var(--page); stroke-width: 1; }
svg .bar { fill: var(--link); fill-opacity: 0.18; stroke: var(--link); stroke-opacity: 0.55; }
svg .critical { fill-opacity: 0.75; stroke-width: 2; stroke-opacity: 1; }
svg .critical + text { fill: var(--page); }
svg .failed { fill: var(--bad); stroke: var(--bad); fill-opacity: 0.3; }
svg a:focus-visible rect { stroke: var(--text); stroke-width: 3; }
.key { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 8px 0; padding: 0; font-size: 13px; }
.key svg { width: 14px; height: 14px; vertical-align: -2px; margin-right: 5px; }
.key span { color: var(--text); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  body { max-width: none; padding: 0; font-size: 12px; }
  details, figure, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; }
  .picture, .timeline { min-width: 0; }
  th, td { white-space: normal; overflow-wrap: anywhere; }
  td.prose { min-width: 0; }
  table { font-size: 10px; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`.trim();
