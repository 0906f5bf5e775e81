/** Accents of the regions, in the order of lab.yaml: [on light, on dark]; the ninth region has the first again. */
export const ACCENTS: readonly (readonly [light: string, dark: string])[] = [
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

/** Colours of the picture, but for the regions' accents, and how strongly an accent tints what it fills. */
interface Palette {
  readonly page: string;
  readonly frame: string;
  readonly line: string;
  readonly text: string;
  readonly muted: string;
  readonly card: string;
  readonly mesh: string;
  readonly ok: string;
  readonly bad: string;
  readonly onAccent: string;
  readonly tint: number;
}

const LIGHT: Palette = {
  ...{ page: '#f6f8fa', frame: '#ffffff', card: '#ffffff', line: '#d1d9e0', text: '#1f2328', muted: '#59636e' },
  ...{ mesh: '#8250df', ok: '#1a7f37', bad: '#cf222e', onAccent: '#ffffff', tint: 0.08 },
};

const DARK: Palette = {
  ...{ page: '#0d1117', frame: '#10161e', card: '#171e27', line: '#3d444d', text: '#f0f6fc', muted: '#9aa4b0' },
  ...{ mesh: '#b392f0', ok: '#3fb950', bad: '#ff7b72', onAccent: '#0d1117', tint: 0.12 },
};

/** A region's accent is the `color` of its card: what has it says `currentColor`. */
function colours(
  { page, frame, card, line, text, muted, mesh, ok, bad, onAccent, tint }: Palette,
  mode: 0 | 1,
): string {
  return `
${ACCENTS.map((accents, index) => `.${accentClass(index)} { color: ${accents[mode]}; }`).join('\n')}
text { fill: ${text}; }
.muted { fill: ${muted}; }
.page { fill: ${page}; }
.network { fill: ${frame}; stroke: ${line}; }
.card { fill: ${card}; stroke: ${line}; }
.badge-text { fill: ${onAccent}; }
.worker, .balancer { fill-opacity: ${tint}; }
.link { stroke: ${mesh}; }
.well { fill: ${ok}; }
text.unwell { fill: ${bad}; }
.link.unwell { stroke: ${bad}; }
.port, .label { fill: ${frame}; stroke: ${mesh}; }
.label-text { fill: ${mesh}; }`.trim();
}

/**
 * The style sheet of the picture. It has its own background, so it is legible on any page. Its colours are plain, since many
 * viewers know no CSS variables (librsvg, Inkscape); where the reader's dark mode is known, the dark ones stand over them.
 * Fonts are those of the reader's system: a picture in a README may load nothing.
 */
export const STYLE = `
text { font: 13px -apple-system, BlinkMacSystemFont, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; }
.mono { font-family: ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace; font-size: 12px; }
.title, .name { font-weight: 600; }
.strong { font-weight: 600; }
.small { font-size: 12px; }
.end { text-anchor: end; }
.network { stroke-width: 1.5; stroke-dasharray: 6 5; }
.badge, .control-plane, .worker, .balancer { fill: currentColor; }
.badge-text { font-weight: 700; text-anchor: middle; }
.worker { stroke: currentColor; stroke-opacity: 0.7; }
.link { fill: none; stroke-width: 2; stroke-opacity: 0.75; }
.link.unwell { stroke-dasharray: 4 6; }
.port { stroke-width: 2; }
.label-text { font-weight: 600; text-anchor: middle; font-size: 12px; }
${colours(LIGHT, 0)}
@media (prefers-color-scheme: dark) {
${colours(DARK, 1)}
}
`.trim();
