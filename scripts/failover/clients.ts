import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Work } from '../steps/step.ts';
import type { Command } from '../tools/command.ts';
import { exec, type KubeTarget } from '../tools/kubectl.ts';
import { SCENARIO } from './faults.ts';

/** How requests are sent. */
export interface Rate {
  /** Milliseconds between two requests of a client. */
  readonly every: number;
  /** Milliseconds after which one is given up. */
  readonly timeout: number;
  /** Connections are kept and used again; else each request has its own. */
  readonly keepalive: boolean;
  /** Milliseconds after which a client that nobody ends does so by itself. */
  readonly most: number;
}

/** Someone who sends requests. */
export interface Client {
  /** `region-athens`, or `this machine → region-athens` */
  readonly name: string;
  /** @throws where it cannot be started */
  start(rate: Rate): Promise<void>;
  /** Ends it. @returns what it wrote, empty where nothing is to be had */
  stop(): Promise<string>;
  /** Ends it, also after a stop of the driver; nothing of it is wanted. */
  end(): Promise<void>;
}

/** By what commands are run, some of them after a stop too. */
type Means = Pick<Work, 'run' | 'attempt' | 'farewell'>;

/** Milliseconds for a client that is told to stop, beside its timeout. */
const PATIENCE = 5000;

/** Where a client in a pod writes. */
const FILE = '/data/load.csv';

/** The client of the scenario in a region, which asks a cluster address there. It goes on while nobody reaches its region. */
export function clientIn(means: Means, region: string, target: KubeTarget, address: string): Client {
  const load = (...words: string[]): Command =>
    exec(target, SCENARIO, 'deployment/client', ['node', '/probe/load.mjs', ...words]);
  return {
    name: region,
    start: async (rate) => {
      await means.run(load('start', FILE, JSON.stringify({ url: `http://${address}/`, ...rate })));
    },
    stop: async () => (await means.attempt({ ...load('stop', FILE), bulk: true })).stdout,
    end: async () => {
      await means.farewell(load('end', FILE));
    },
  };
}

/** A client on this machine, which asks the LoadBalancer address of a region. */
export function clientHere(region: string, address: string): Client {
  const program = fileURLToPath(new URL('../../probe/load.mjs', import.meta.url));
  const begin = (rate: Rate) =>
    execa(process.execPath, [program, 'run', JSON.stringify({ url: `http://${address}/`, ...rate })], {
      reject: false,
      stdin: 'ignore',
      maxBuffer: 1e9,
      // a Ctrl-C is for the driver, which ends it; where that is killed, the channel closes
      detached: true,
      cleanup: true,
      ipc: true,
      // it waits for what is still under way
      forceKillAfterDelay: rate.timeout + PATIENCE,
    });
  let child: ReturnType<typeof begin> | undefined;
  return {
    name: `this machine → ${region}`,
    start: (rate) => {
      child = begin(rate);
      return Promise.resolve();
    },
    stop: async () => {
      child?.kill('SIGTERM');
      return (await child)?.stdout ?? '';
    },
    end: async () => {
      child?.kill('SIGKILL');
      await child;
    },
  };
}
