// @ts-check
import { Failure } from './program.mjs';

/**
 * The flags that a command knows. `bool`: no value, or `=true|false`; `string`: one value, the last wins;
 * `list`: may be repeated; `duration`: a Go duration, read as seconds. Short forms map to long ones.
 * @typedef {Record<string, 'bool' | 'string' | 'list' | 'duration'>} Flags
 * @typedef {{ flags: Flags, short?: Record<string, string>, fail?: (message: string, flag: string) => Failure }} Spec
 * @typedef {{ words: string[], is: (flag: string) => boolean, get: (flag: string) => string | undefined, all: (flag: string) => string[], seconds: (flag: string, otherwise: number) => number }} Parsed
 */

/**
 * Reads arguments as Go's pflag does: `--flag value`, `--flag=value`, `-f value`, `-fvalue`, words anywhere, `--` ends flags.
 * A flag that is not in `spec` fails with the program's own words.
 * @param {string[]} args @param {Spec} spec @returns {Parsed}
 */
export function parse(args, { flags, short = {}, fail = (message) => new Failure(message) }) {
  /** @type {Map<string, string[]>} */
  const values = new Map();
  /** @type {string[]} */
  const words = [];
  const left = [...args];
  while (left.length > 0) {
    const arg = /** @type {string} */ (left.shift());
    if (arg === '--') {
      words.push(...left.splice(0));
    } else if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
    } else {
      const { flag, value, shown } = split(arg, short, flags, fail);
      const type = flags[flag];
      if (type === undefined)
        throw fail(
          arg.startsWith('--') ? `unknown flag: --${flag}` : `unknown shorthand flag: '${arg[1]}' in ${arg}`,
          flag,
        );
      const given = value ?? (type === 'bool' ? 'true' : left.shift());
      if (given === undefined) throw fail(`flag needs an argument: ${shown}`, flag);
      check(type, given, shown, (message) => fail(message, flag));
      values.set(flag, [...(values.get(flag) ?? []), given]);
    }
  }
  const all = (/** @type {string} */ flag) => values.get(flag) ?? [];
  const get = (/** @type {string} */ flag) => all(flag).at(-1);
  return {
    words,
    all,
    get,
    is: (flag) => get(flag) === 'true',
    seconds: (flag, otherwise) => {
      const value = get(flag);
      return value === undefined ? otherwise : seconds(value);
    },
  };
}

/** @param {string} arg @param {Record<string, string>} short @param {Flags} flags @param {(message: string, flag: string) => Failure} fail */
function split(arg, short, flags, fail) {
  if (arg.startsWith('--')) {
    const [flag = '', ...rest] = arg.slice(2).split('=');
    return { flag, value: rest.length === 0 ? undefined : rest.join('='), shown: `--${flag}` };
  }
  const letter = arg[1] ?? '';
  const flag = short[letter];
  if (flag === undefined) throw fail(`unknown shorthand flag: '${letter}' in ${arg}`, letter);
  const rest = arg.slice(2);
  if (flags[flag] === 'bool' && rest !== '') throw fail(`unknown shorthand flag: '${rest[0]}' in ${arg}`, letter);
  return { flag, value: rest === '' ? undefined : rest.replace(/^=/, ''), shown: `'${letter}' in ${arg}` };
}

/** @param {Flags[string]} type @param {string} value @param {string} shown @param {(message: string) => Failure} fail */
function check(type, value, shown, fail) {
  if (type === 'bool' && !['true', 'false'].includes(value)) {
    throw fail(
      `invalid argument "${value}" for "${shown}" flag: strconv.ParseBool: parsing "${value}": invalid syntax`,
    );
  }
  if (type !== 'duration') return;
  const wrong = durationError(value);
  if (wrong !== undefined) throw fail(`invalid argument "${value}" for "${shown}" flag: time: ${wrong}`);
}

const units = /** @type {Record<string, number>} */ ({ ms: 0.001, s: 1, m: 60, h: 3600 });

/** @param {string} text */
function durationError(text) {
  if (text === '0') return undefined;
  if (/^-?[\d.]+$/.test(text)) return `missing unit in duration "${text}"`;
  const unknown = [...text.matchAll(/[\d.]+([a-z]+)/g)].find(([, unit = '']) => units[unit] === undefined);
  if (unknown !== undefined) return `unknown unit "${unknown[1]}" in duration "${text}"`;
  return /^-?([\d.]+(ms|s|m|h))+$/.test(text) ? undefined : `invalid duration "${text}"`;
}

/** Seconds of a Go duration: `1m30s`. @param {string} text */
function seconds(text) {
  const sum = [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce(
    (total, [, count, unit = 's']) => total + Number(count) * (units[unit] ?? 1),
    0,
  );
  return text.startsWith('-') ? -sum : sum;
}

/** Go's way to write a duration: `1m30s`, `5m0s`, `10s`. @param {number} total */
export function goDuration(total) {
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), total % 60];
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${rest}s`;
}
