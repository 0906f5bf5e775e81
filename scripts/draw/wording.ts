import type { Region } from '../../lab/lab.ts';
import { counted } from '../events/reporters/text.ts';

/** `1 control plane, 3 workers`; no word of workers where there are none. */
export function nodesOf(region: Region): string {
  const planes = counted(region.controlPlanes, 'control plane');
  return region.workers === 0 ? planes : `${planes}, ${counted(region.workers, 'worker')}`;
}

/** Width of a bold letter as a share of its size, on the safe side: of wide ones, of narrow ones, of the others. */
const widthOf = (letter: string): number =>
  /[mwMWD]/.test(letter) ? 0.95 : /[-.fijlrt1I ]/.test(letter) ? 0.42 : 0.65;

/** Style of a text, in pixels: the size asked for, or smaller, so that the whole of it fits; it is never cut. */
export function fontToFit(text: string, size: number, width: number): string {
  const letters = Array.from(text, widthOf).reduce((sum, each) => sum + each, 0);
  return `font-size: ${Math.min(size, Math.floor((2 * width) / letters) / 2)}px`;
}
