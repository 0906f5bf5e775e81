import type { Region } from '../../lab/lab.ts';
import { counted } from '../events/reporters/text.ts';

/** `1 control plane, 3 workers`; no word of workers where there are none. */
export function nodesOf(region: Region): string {
  const planes = counted(region.controlPlanes, 'control plane');
  return region.workers === 0 ? planes : `${planes}, ${counted(region.workers, 'worker')}`;
}

/** Mean width of a bold letter as a share of its size, on the safe side. */
const LETTER = 0.55;

/** Style of a name, in pixels: the size asked for, or smaller, so that the whole name fits; it is never cut. */
export function fontToFit(name: string, size: number, width: number): string {
  return `font-size: ${Math.min(size, Math.floor(width / (name.length * LETTER)))}px`;
}
