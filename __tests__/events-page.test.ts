import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const project = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(project, file), 'utf8');

/** A field as the page writes it, `region?` where it may be missing, with its type. */
type Fields = ReadonlyMap<string, string>;

/** The interfaces of a file, each with its fields and those that it inherits. */
function interfacesOf(file: string): Map<string, Fields> {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
  const found = source.statements.filter(ts.isInterfaceDeclaration);
  const own = (name: string): [string, string][] => {
    const [declared] = found.filter((each) => each.name.text === name);
    const inherited = declared?.heritageClauses?.flatMap(({ types }) => types.map((type) => type.getText())) ?? [];
    const members = (declared?.members.filter((member) => ts.isPropertySignature(member)) ?? []).map(
      (member): [string, string] => {
        const type = member.type?.getText() ?? '';
        const isOptional = member.questionToken !== undefined || type.includes('| undefined');
        return [`${member.name.getText()}${isOptional ? '?' : ''}`, type];
      },
    );
    return [...inherited.flatMap(own), ...members];
  };
  return new Map(found.map(({ name }) => [name.text, new Map(own(name.text))]));
}

const types = new Map(
  [
    'events',
    'supply-event',
    'cache-event',
    'doctor-event',
    'status-event',
    'verify-event',
    'failover-event',
    'degraded-event',
    'failures',
  ].flatMap((name) => [...interfacesOf(`scripts/events/${name}.ts`)]),
);
const events = [...types].flatMap(([type, fields]) => {
  const event = fields.get('event');
  return event === undefined ? [] : [{ type, event: event.slice(1, -1), fields }];
});
const parts = [
  'ToolLine',
  'CacheLine',
  'CachedImage',
  'PlannedLine',
  'Timing',
  'Failure',
  'RegionStatus',
  'PairLine',
  'PathLine',
  'PathFailure',
  'FailedWay',
  'FailoverRun',
  'LinksSaid',
  'LinkChange',
  'ClientFigures',
  'Marks',
  'Span',
  'Latency',
  'BrokenLimit',
  'RoundTrip',
  'Degradation',
  'ScenarioLine',
  'Finding',
  'LabFileProblem',
];

/** Sections of the page by their titles. */
const sections = new Map(
  read('docs/events.md')
    .split(/^### /m)
    .slice(1)
    .map((text): [string, string] => [text.slice(0, text.indexOf('\n')).replaceAll('`', ''), text]),
);
const fieldsIn = (title: string): string[] =>
  [...(sections.get(title) ?? '').matchAll(/^\| `(\w+)`(\??) +\|/gm)].map(([, name = '', mark = '']) => name + mark);

describe('docs/events.md', () => {
  it('has every event of scripts/events/events.ts, and no other section', () => {
    const union = /export type DriverEvent =([^;]+);/.exec(read('scripts/events/events.ts'))?.[1] ?? '';
    expect(events.map(({ type }) => type).toSorted()).toEqual([...union.matchAll(/\w+/g)].map(String).toSorted());
    expect([...sections.keys()].toSorted()).toEqual([...events.map(({ event }) => event), ...parts].toSorted());
  });

  it.each(events)('has the fields of $event', ({ event, fields }) => {
    expect(fieldsIn(event).toSorted()).toEqual([...fields.keys()].toSorted());
  });

  it.each(parts)('has the fields of %s', (part) => {
    expect(fieldsIn(part).toSorted()).toEqual([...(types.get(part)?.keys() ?? [])].toSorted());
  });

  it.each(events)('has an example of $event with its fields', ({ event, type }) => {
    const [, json = ''] = /```json\n([^]*?)```/.exec(sections.get(event) ?? '') ?? [];
    const example = JSON.parse(json) as Record<string, unknown>;
    expect(example.event).toBe(event);
    expect(wrong(example, type)).toEqual([]);
  });
});

/** Fields of an example that its type has not, or that it lacks; of what is in it too. */
function wrong(example: Readonly<Record<string, unknown>>, type: string): string[] {
  const fields = types.get(type) ?? new Map<string, string>();
  const names = [...fields.keys()].map((name) => name.replace('?', ''));
  const unknown = Object.keys(example).filter((name) => !names.includes(name));
  const missing = [...fields.keys()].filter((name) => !name.endsWith('?') && !(name in example));
  const below = Object.entries(example).flatMap(([name, value]) => {
    const inner = [...(fields.get(name) ?? fields.get(`${name}?`) ?? '').matchAll(/\w+/g)].map(String);
    const known = inner.find((each) => types.has(each));
    if (known === undefined) return [];
    const values = (Array.isArray(value) ? value : [value]) as Record<string, unknown>[];
    return values.flatMap((each) => wrong(each, known));
  });
  return [...unknown, ...missing, ...below];
}
