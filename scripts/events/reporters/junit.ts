import type { FailoverEvent } from '../failover-event.ts';
import type { VerifyEvent } from '../verify-event.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);

/** A test case: one thing that was tried. */
interface Case {
  readonly name: string;
  readonly classname: string;
  readonly seconds: number;
  readonly failures: readonly { readonly message: string; readonly text?: string }[];
}

/**
 * Paths that were tried as JUnit has it: a test case for each way from one region to another.
 * @param properties of the suite, such as what was tried
 */
export function junit(
  { lab, pairs, failures, missing, seconds }: VerifyEvent,
  properties: Readonly<Record<string, string>> = {},
): string {
  const cases = pairs.flatMap(({ from, to, paths }) =>
    paths.map(({ path, milliseconds = 0 }): Case => {
      const failed = failures.filter(({ ways }) =>
        ways.some((way) => way.from === from && way.to === to && way.paths.includes(path)),
      );
      const why = failed.map(({ expected, seen, cause, look }) => ({
        message: cause,
        text: `expected: ${expected}\nseen: ${seen}\nlook: ${look}`,
      }));
      return { name: path, classname: `${from}.${to}`, seconds: milliseconds / 1000, failures: why };
    }),
  );
  const nodes = missing.map((node): Case => {
    const why = [{ message: 'no probe is ready on this node' }];
    return { name: node, classname: 'probes', seconds: 0, failures: why };
  });
  return suite(lab, [...cases, ...nodes], seconds, properties);
}

/**
 * Faults as JUnit has them: one test case for each that was asked for, which fails where not every run came to its end, or is void, or
 * where the mesh was not whole afterwards; and one for each client in each run, which fails where a limit is not kept.
 * @param failed why a fault did not come to its end, by its name
 */
export function failoverJunit(
  lab: string,
  faults: readonly string[],
  measured: ReadonlyMap<string, FailoverEvent>,
  failed: ReadonlyMap<string, string>,
): string {
  const events = [...measured.values()];
  const whole = faults.map((fault): Case => {
    const runs = measured.get(fault)?.runs ?? [];
    const voids = runs.flatMap((run, index) => (run.void === undefined ? [] : [`run ${index + 1}: ${run.void}`]));
    const why = failed.get(fault) ?? (runs.length === 0 ? 'it was not measured' : undefined);
    const messages = [...voids, ...(why === undefined ? [] : [why])];
    return { name: 'measured', classname: fault, seconds: 0, failures: messages.map((message) => ({ message })) };
  });
  const cases = events.flatMap(({ fault, runs, broken }) =>
    runs.flatMap(({ marks, clients }, index) =>
      clients.map(({ client }): Case => {
        const own = broken.filter((each) => each.run === index + 1 && each.client === client);
        return {
          ...{ name: `${client}, run ${index + 1}`, classname: fault, seconds: (marks.until - marks.from) / 1000 },
          failures: own.map(({ what }) => ({ message: what })),
        };
      }),
    ),
  );
  const seconds = events
    .flatMap(({ runs }) => runs)
    .reduce((sum, { marks }) => sum + (marks.until - marks.from) / 1000, 0);
  const [degraded] = events.flatMap((event) => event.degraded ?? []);
  const properties = degraded === undefined ? {} : { degraded };
  return suite(lab, [...whole, ...cases], Math.round(seconds * 10) / 10, properties);
}

function suite(
  name: string,
  cases: readonly Case[],
  seconds: number,
  properties: Readonly<Record<string, string>>,
): string {
  const failing = cases.filter(({ failures }) => failures.length > 0).length;
  const described = Object.entries(properties).map(
    ([key, value]) => `      <property name="${key}" value="${escape(value)}"/>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="${escape(name)}" tests="${cases.length}" failures="${failing}" time="${seconds}">`,
    ...(described.length === 0 ? [] : ['    <properties>', ...described, '    </properties>']),
    ...cases.flatMap(caseLines),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseLines({ name, classname, seconds, failures }: Case): string[] {
  const start = `    <testcase name="${escape(name)}" classname="${escape(classname)}" time="${seconds.toFixed(4)}"`;
  if (failures.length === 0) return [`${start}/>`];
  const why = failures.map(
    ({ message, text = '' }) => `      <failure message="${escape(message)}">${escape(text)}</failure>`,
  );
  return [`${start}>`, ...why, '    </testcase>'];
}
