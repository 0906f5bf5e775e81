// @ts-check
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeFault } from './faults.mjs';
import { sleep, stateFolder } from './state.mjs';

/** Ends the program: text for its error stream, and the exit code of the real one. */
export class Failure extends Error {
  /** @param {string} message to stderr, a line end is added @param {number} [exit] */
  constructor(message, exit = 1) {
    super(message);
    this.exit = exit;
  }
}

/** What a stand-in works with: its arguments, its two streams, and the simulated clock. */
export class Program {
  /** @param {string} tool @param {string[]} args @param {import('./faults.mjs').Fault | undefined} fault */
  constructor(tool, args, fault) {
    this.tool = tool;
    this.args = args;
    this.fault = fault;
  }

  /** @param {string} line */
  out(line) {
    process.stdout.write(`${line}\n`);
  }

  /** @param {string} line */
  err(line) {
    process.stderr.write(`${line}\n`);
  }

  /** Lets so many simulated seconds pass: $STAND_IN_SPEED real seconds each, by default none. @param {number} seconds */
  pass(seconds) {
    sleep(seconds * 1000 * Number(process.env.STAND_IN_SPEED ?? 0));
  }

  /** A second of waiting for something: never shorter than 10 ms, so that other processes can bring it about. */
  tick() {
    sleep(10);
    this.pass(1);
  }

  /**
   * The program has done a part of its work and written it down: here a fault hangs, waits or fails.
   * `half` is the middle of any program; some have more stages.
   * @param {string} [stage]
   */
  reached(stage = 'half') {
    const fault = this.fault;
    if (fault === undefined || (fault.stage ?? 'half') !== stage) return;
    sleep(fault.delayMs ?? 0);
    if (fault.hangSeconds === undefined) return;
    if (fault.ignoreSigterm === true) process.on('SIGTERM', () => {});
    if (fault.spawnGrandchild === true) this.spawnGrandchild(fault.hangSeconds);
    sleep(fault.hangSeconds * 1000);
    if (fault.exit !== undefined) throw new Fault(fault);
  }

  /** In the same process group and with the same streams, as the helpers of the real programs. @param {number} seconds */
  spawnGrandchild(seconds) {
    const child = spawn(process.execPath, ['-e', `setTimeout(() => {}, ${seconds * 1000})`], { stdio: 'inherit' });
    child.unref();
    record({ pid: process.pid, grandchild: child.pid });
  }
}

/** A failure that a test asked for: its own texts and exit code. */
class Fault extends Error {
  /** @param {import('./faults.mjs').Fault} fault */
  constructor(fault) {
    super('fault');
    this.fault = fault;
  }
}

/** @param {object} entry */
function record(entry) {
  appendFileSync(join(stateFolder(), 'calls.jsonl'), `${JSON.stringify(entry)}\n`);
}

/**
 * Runs one stand-in as a process.
 * @public called by the programs in bin/, which have no extension that knip could see
 * @param {string} tool
 * @param {(program: Program) => void} main throws `Failure` to end with a message
 */
export function run(tool, main) {
  process.exitCode = perform(tool, main, process.argv.slice(2), process.pid);
}

/**
 * Records the call, applies a fault, prints what is to be printed.
 * @param {string} tool
 * @param {(program: Program) => void} main
 * @param {string[]} args
 * @param {number} pid of the process that was called
 * @returns {number} exit code
 */
export function perform(tool, main, args, pid) {
  const env = Object.fromEntries(
    ['KUBECONFIG', 'KIND_EXPERIMENTAL_DOCKER_NETWORK'].flatMap((name) =>
      process.env[name] === undefined ? [] : [[name, process.env[name]]],
    ),
  );
  record({ time: Date.now(), tool, args, env, pid });
  const exit = attempt(tool, main, args);
  record({ pid, exit, end: true, time: Date.now() });
  return exit;
}

/** @param {string} tool @param {(program: Program) => void} main @param {string[]} args */
function attempt(tool, main, args) {
  try {
    const fault = takeFault(tool, args);
    if (fault?.exit !== undefined && fault.hangSeconds === undefined) {
      sleep(fault.delayMs ?? 0);
      throw new Fault(fault);
    }
    main(new Program(tool, args, fault));
    return 0;
  } catch (error) {
    if (error instanceof Failure) {
      if (error.message !== '') process.stderr.write(`${error.message}\n`);
      return error.exit;
    }
    if (error instanceof Fault) {
      process.stdout.write(error.fault.stdout ?? '');
      process.stderr.write(error.fault.stderr ?? '');
      return error.fault.exit;
    }
    throw error;
  }
}
