import { stop } from '../steps/stop.ts';
import type { Io } from './io.ts';
import type { RestOptions } from './options.ts';
import { rest } from './rest.ts';

/** `npm run pause`: stops the nodes. Nothing of the lab is lost, and it needs no CPU and no memory until `resume`. */
export const pause = (options: RestOptions, io: Io): Promise<number> => rest('pause', stop, [], options, io);
