import type { VerifyEvent } from '../verify-event.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);

/**
 * Paths that were tried as JUnit has it: a test case for each way from one region to another.
 * @param properties of the suite, such as what was tried
 */
export function junit(
  { lab, pairs, failures, missing, seconds }: VerifyEvent,
  properties: Readonly<Record<string, string>> = {},
): string {
  const cases = pairs.flatMap(({ from, to, paths }) =>
    paths.map(({ path, milliseconds = 0 }) => {
      const failed = failures.filter(({ ways }) =>
        ways.some((way) => way.from === from && way.to === to && way.paths.includes(path)),
      );
      const name = `name="${path}" classname="${escape(`${from}.${to}`)}" time="${(milliseconds / 1000).toFixed(4)}"`;
      const why = failed.map(
        ({ expected, seen, cause, look }) =>
          `      <failure message="${escape(cause)}">${escape(`expected: ${expected}\nseen: ${seen}\nlook: ${look}`)}</failure>`,
      );
      return { name, why };
    }),
  );
  const nodes = missing.map((node) => ({
    name: `name="${escape(node)}" classname="probes" time="0"`,
    why: ['      <failure message="no probe is ready on this node"></failure>'],
  }));
  const all = [...cases, ...nodes];
  const failing = all.filter(({ why }) => why.length > 0).length;
  const described = Object.entries(properties).map(
    ([name, value]) => `      <property name="${name}" value="${escape(value)}"/>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="${escape(lab)}" tests="${all.length}" failures="${failing}" time="${seconds}">`,
    ...(described.length === 0 ? [] : ['    <properties>', ...described, '    </properties>']),
    ...all.flatMap(({ name, why }) =>
      why.length === 0 ? [`    <testcase ${name}/>`] : [`    <testcase ${name}>`, ...why, '    </testcase>'],
    ),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
