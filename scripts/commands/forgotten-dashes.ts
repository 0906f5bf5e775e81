import type { Option } from 'commander';
import { quote } from '../tools/command.ts';
import type { Io } from './io.ts';

/**
 * `npm run plan --skip-test`: npm takes the option for its own, and the command would run without it. npm leaves a trace, the
 * variable `npm_config_skip_test`. `--yes` is an option of npm too, and may be set there for good: it is none.
 * @param script name of the npm script
 * @param words of the command line after the command's name
 * @param named how many of the first words are arguments of its own
 * @returns what to type instead; undefined where nothing was forgotten
 */
export function forgottenDashes(
  env: Io['env'],
  script: string,
  options: readonly Option[],
  words: readonly string[],
  named = 0,
): string | undefined {
  if (env.npm_package_name !== 'clustermesh-lab' || env.npm_lifecycle_event !== script) return undefined;
  const kept = options.flatMap((option) => {
    const value = env[`npm_config_${option.name().replaceAll('-', '_')}`] ?? '';
    const flag = `--${option.name()}`;
    return value === '' || flag === '--yes' || words.includes(flag) ? [] : [{ option, flag, value }];
  });
  if (kept.length === 0) return undefined;
  const dash = words.findIndex((word) => word.startsWith('-'));
  const before = dash === -1 ? words : words.slice(0, dash);
  const [own, loose] = [before.slice(0, named), before.slice(named)];
  const given = words.slice(before.length);
  const valued = kept.filter(({ option, value }) => option.required && value === 'true');
  const typed = kept.flatMap(({ option, flag, value }) => {
    if (!option.required) return [flag];
    if (value !== 'true') return [flag, quote(value)];
    // npm does not say which of several options a value was typed after
    return valued.length === 1 && loose.length > 0 ? [flag, ...loose.map(quote)] : [option.flags];
  });
  const line = [...own.map(quote), ...typed, ...given.map(quote)].join(' ');
  return [
    `npm took ${kept.map(({ flag }) => flag).join(', ')} for an option of its own. Type -- before the options, or use npx:`,
    `  npm run ${script} -- ${line}`,
    `  npx clustermesh-lab ${script} ${line}`,
  ].join('\n');
}
