// @ts-check
import { locked, readJson, writeJson } from './state.mjs';

/**
 * What is to go wrong with a call, from `faults.json`.
 * @typedef {object} Fault
 * @property {string} tool
 * @property {string} match part of the arguments, joined by blanks
 * @property {number} times how many calls are still to be hit
 * @property {number} [exit] fail with this code, before anything is changed (with hangSeconds: after the hang)
 * @property {string} [stdout] @property {string} [stderr] printed as they are when it fails
 * @property {number} [hangSeconds] stop for so long when `stage` is reached
 * @property {number} [delayMs] wait so long when `stage` is reached, then go on
 * @property {string} [stage] by default `half`, the middle of the work
 * @property {boolean} [spawnGrandchild] hang with a child process that holds the streams
 * @property {boolean} [ignoreSigterm] while it hangs only SIGKILL ends it
 */

/** The parts of `a … b`, one after the other. @param {string} line @param {string} match */
function hasParts(line, match) {
  let from = 0;
  return match.split(' … ').every((part) => (from = line.indexOf(part, from)) >= 0);
}

/** @param {Fault[]} faults @param {string} tool @param {string[]} args */
const fitting = (faults, tool, args) =>
  faults.find((each) => each.tool === tool && each.times > 0 && hasParts(args.join(' '), each.match));

/** Whether such a fault would hang the call, or let it have children. @param {string} tool @param {string[]} args */
export function hangs(tool, args) {
  const fault = fitting(readJson('faults.json', []), tool, args);
  return fault?.hangSeconds !== undefined || fault?.spawnGrandchild === true;
}

/** The first fault that fits and has times left; one of them is used up. @param {string} tool @param {string[]} args @returns {Fault | undefined} */
export function takeFault(tool, args) {
  if (fitting(readJson('faults.json', []), tool, args) === undefined) return undefined;
  return locked('faults', () => {
    const faults = /** @type {Fault[]} */ (readJson('faults.json', []));
    const fault = fitting(faults, tool, args);
    if (fault === undefined) return undefined;
    fault.times -= 1;
    writeJson('faults.json', faults);
    return { ...fault };
  });
}
