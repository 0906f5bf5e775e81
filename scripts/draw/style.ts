/** Accents of the regions, in the order of lab.yaml: [on light, on dark]; the ninth region has the first again. */
const ACCENTS: readonly (readonly [light: string, dark: string])[] = [
  ['#2563eb', '#6ea8fe'],
  ['#0f766e', '#2dd4bf'],
  ['#7c3aed', '#b197fc'],
  ['#b45309', '#fbbf24'],
  ['#be185d', '#f783ac'],
  ['#15803d', '#69db7c'],
  ['#0369a1', '#4cc9f0'],
  ['#475569', '#a9b4c2'],
];

/** CSS class that gives the region at this place of lab.yaml its colour. */
export function accentClass(index: number): string {
  return `accent-${index % ACCENTS.length}`;
}

function accents(mode: 0 | 1): string {
  return ACCENTS.map((colours, index) => `.${accentClass(index)} { --accent: ${colours[mode]}; }`).join('\n');
}

/**
 * The style sheet of the picture. It has its own background, so it is legible on any page, and follows the reader's
 * light or dark mode. Fonts are those of the reader's system: a picture in a README may load nothing.
 */
export const STYLE = `
svg { --page: #f6f8fa; --frame: #ffffff; --card: #ffffff; --line: #d1d9e0; --text: #1f2328; --muted: #59636e; --mesh: #8250df; --on-accent: #ffffff; --tint: 0.08; }
${accents(0)}
@media (prefers-color-scheme: dark) {
svg { --page: #0d1117; --frame: #10161e; --card: #171e27; --line: #3d444d; --text: #f0f6fc; --muted: #9aa4b0; --mesh: #b392f0; --on-accent: #0d1117; --tint: 0.12; }
${accents(1)}
}
text { font: 13px -apple-system, BlinkMacSystemFont, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; fill: var(--text); }
.mono { font-family: ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace; font-size: 12px; }
.muted { fill: var(--muted); }
.title, .name { font-weight: 600; }
.strong { font-weight: 600; }
.small { font-size: 12px; }
.end { text-anchor: end; }
.page { fill: var(--page); }
.network { fill: var(--frame); stroke: var(--line); stroke-width: 1.5; stroke-dasharray: 6 5; }
.card { fill: var(--card); stroke: var(--line); }
.badge, .control-plane { fill: var(--accent); }
.badge-text { fill: var(--on-accent); font-weight: 700; text-anchor: middle; }
.worker { fill: var(--accent); fill-opacity: var(--tint); stroke: var(--accent); stroke-opacity: 0.7; }
.balancer { fill: var(--accent); fill-opacity: var(--tint); }
.link { fill: none; stroke: var(--mesh); stroke-width: 2; stroke-opacity: 0.75; }
.port { fill: var(--frame); stroke: var(--mesh); stroke-width: 2; }
.label { fill: var(--frame); stroke: var(--mesh); }
.label-text { fill: var(--mesh); font-weight: 600; text-anchor: middle; font-size: 12px; }
`.trim();
