import { RE2JS } from 're2js';

/** Whether it is a name, such as `no-policies`, between the anchors and nothing else. */
const WHOLE_NAME = /^\^([\w-]+)\$$/;

/** Nothing at which the CLI cuts a pattern: no comma, quote or control character. */
const UNCUT = /^[^,"\0-\x1f\x7f-\x9f]*$/;

/** For editors: what can be used at least. */
export const USABLE_PATTERN = `^(?!!?${WHOLE_NAME.source.slice(1)})${UNCUT.source.slice(1)}`;

/**
 * Why `cilium connectivity test --test` cannot use a pattern, to go on where it ends; undefined where it can.
 *
 * The CLI takes a list with commas, reads it as CSV, and compiles each item with Go's `regexp`, after a `!` that skips what
 * matches; it looks for a match in `TEST/SCENARIO`, so a name that is anchored at both ends never matches, and says success.
 */
export function patternProblem(pattern: string): string | undefined {
  if (!UNCUT.test(pattern)) {
    return 'has a comma, a quote or a control character, at which the CLI cuts a pattern. Write an item for each pattern.';
  }
  const expression = pattern.replace(/^!/, '');
  try {
    RE2JS.compile(expression);
  } catch (error) {
    return `is not a regular expression of Go: ${reasonOf(error)}. Correct it.`;
  }
  const name = WHOLE_NAME.exec(expression)?.[1];
  return name === undefined
    ? undefined
    : `never matches: it is compared with TEST/SCENARIO. Write ^${name}/ for the test.`;
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^error parsing regexp: /, '');
}
