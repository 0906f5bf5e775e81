import { check } from './check.ts';
import { nearest, nearestFew } from './nearest.ts';
import { type Path, type Problem, pathText } from './problems.ts';
import { resolveLab } from './resolve.ts';
import { proposalOf, type Proposal } from './address-text.ts';
import { type LabInput, labJsonSchema, labSchema, MOST_REGIONS } from './schema.ts';
import { shown, textOf } from './shown.ts';
import { isValues } from './values.ts';
import { put, without } from './without.ts';
import type { Values } from './lab.ts';

/** What the schema made of lab.yaml. */
export interface ReadInput {
  /** The lab, without what the schema refused; missing when too little is left to check. */
  readonly input?: LabInput;
  readonly problems: readonly Problem[];
  /** Places that the schema refused: what is read there in `input` is a default, not the user's. */
  readonly refused: readonly Path[];
}

type Issue = NonNullable<ReturnType<typeof labSchema.safeParse>['error']>['issues'][number];

/** Checks plain YAML data against the schema; reads on around what is refused, so that other checks can go on too. */
export function readInput(raw: unknown): ReadInput {
  const tooMany = tooManyRegions(raw);
  if (tooMany !== undefined) return { problems: [tooMany], refused: [] };
  const whole = labSchema.safeParse(raw, { reportInput: true });
  if (whole.success) return { input: whole.data, problems: [], refused: [] };
  const found = whole.error.issues.flatMap(problemsOf);
  if (found.length > MOST_WRONG)
    return { problems: found.map(({ path, message }) => ({ path, message })), refused: [] };
  const problems = withoutVain(raw, found);
  const refused = found.flatMap(placesOf);
  const rest = labSchema.safeParse(without(raw, refused));
  return rest.success ? { input: rest.data, problems, refused } : { problems, refused };
}

/** A file with more mistakes is not read on: it is another kind of file. */
const MOST_WRONG = 200;

/** More regions than any Cilium connects: nothing else needs to be said about them. */
function tooManyRegions(raw: unknown): Problem | undefined {
  const regions = isValues(raw) ? raw.regions : undefined;
  if (!Array.isArray(regions) || regions.length <= MOST_REGIONS) return undefined;
  const message = `${regions.length} regions are more than the ${MOST_REGIONS} that any Cilium connects. Remove ${regions.length - MOST_REGIONS}.`;
  return { path: ['regions'], message };
}

/** A problem, for a misspelt key with the path that was probably meant, for an address with what is proposed in its stead. */
interface Found extends Problem {
  readonly meant?: Path;
  readonly proposal?: Proposal | undefined;
}

function placesOf({ path, meant }: Found): Path[] {
  return meant === undefined ? [path] : [path, meant];
}

/** The problems, without proposals that would be refused in turn: they are tried, all at once. */
function withoutVain(raw: unknown, found: readonly Found[]): Problem[] {
  const refused = found.filter(({ proposal }) => proposal === undefined).flatMap(placesOf);
  const proposing = found.filter(({ proposal }) => proposal !== undefined);
  const wrong = proposing.length === 0 ? [] : wrongBeside(raw, proposing, refused);
  return found.map(({ path, message, proposal }) => {
    const isVain = proposal !== undefined && (wrong === undefined || wrong.includes(pathText(path)));
    return { path, message: isVain ? proposal.otherwise : message };
  });
}

/** The places that would be wrong with these proposals; undefined where too little is left to tell. */
function wrongBeside(raw: unknown, proposing: readonly Found[], refused: readonly Path[]): string[] | undefined {
  const mended = without(raw, refused);
  for (const { path, proposal } of proposing) put(mended, path, proposal?.meant);
  const { data } = labSchema.safeParse(mended);
  if (data === undefined) return undefined;
  const wrong = check(data, refused);
  const places = (problems: readonly Problem[]) => problems.map(({ path }) => pathText(path));
  if (wrong.length > 0) return places(wrong);
  const resolved = resolveLab(data);
  return 'problems' in resolved ? places(resolved.problems) : [];
}

function problemsOf(issue: Issue): Found[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys') return unknownKeys(path, issue.keys);
  const place = pathText(path) || 'The file';
  const proposal = proposalOf(issue);
  const otherwise = proposal && { ...proposal, otherwise: `${place} ${proposal.otherwise}` };
  return [{ path, message: `${place} ${predicateOf(issue)}`, proposal: otherwise }];
}

/** What is wrong with the value and what to write in its place. */
function predicateOf(issue: Issue): string {
  if (issue.input === null) return 'is empty. Give it a value, or remove the key.';
  if (issue.code === 'invalid_type') return wrongType(issue);
  if (issue.code === 'invalid_key') return keyProblem(issue);
  if (issue.code === 'invalid_value') return noneOf(issue.input, issue.values.map(String));
  // a map may have a key toString
  const value = typeof issue.input === 'string' ? shown(issue.input) : textOf(issue.input);
  if (issue.code === 'too_small') {
    return issue.origin === 'number' || issue.origin === 'int'
      ? `${value} is below ${issue.minimum}. Give at least ${issue.minimum}.`
      : 'is empty. Give at least one item or character.';
  }
  if (issue.code === 'too_big') {
    return issue.origin === 'string'
      ? `${value} has more than ${issue.maximum} characters. Shorten it.`
      : `${value} is above ${issue.maximum}. Give at most ${issue.maximum}.`;
  }
  return issue.message;
}

/** Of a key that the user chooses: what its own schema says of it. */
function keyProblem({ issues: [own], path, message }: Extract<Issue, { code: 'invalid_key' }>): string {
  return own === undefined ? message : predicateOf({ ...own, input: path.at(-1) } as Issue);
}

function noneOf(input: unknown, allowed: readonly string[]): string {
  const near = typeof input === 'string' ? nearest(input, allowed) : undefined;
  const remedy = near === undefined ? 'Choose one of them.' : `Did you mean ${near}?`;
  return `is ${textOf(input)}, which is none of ${allowed.join(', ')}. ${remedy}`;
}

function wrongType({ input, expected }: Extract<Issue, { code: 'invalid_type' }>): string {
  const kind = kinds[expected] ?? expected;
  if (input === undefined) return 'is missing. Add it.';
  if (expected === 'string' && typeof input === 'number') return `${input} is a number. Put it in quotes.`;
  return `is ${textOf(input)}, not ${kind}. Write ${kind} here.`;
}

/** Every number of lab.yaml is a whole one. */
const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
  object: 'a map of keys',
  record: 'a map of keys',
  string: 'a text',
};

function unknownKeys(path: Path, keys: readonly string[]): Found[] {
  const known = knownKeysAt(path);
  const owner = path.length === 0 ? 'lab.yaml' : pathText(path);
  const near = nearestFew();
  return keys.map((key) => {
    const meant = near(key, known);
    const hint = meant === undefined ? `Known keys: ${known.join(', ')}.` : `Did you mean ${meant}?`;
    const message = `${shown(key)} is not a key of ${owner}. ${hint}`;
    return { path: [...path, key], message, ...(meant !== undefined && { meant: [...path, meant] }) };
  });
}

/** Of what may be a map or nothing at all, the map. */
function notNull(schema: unknown): unknown {
  const kinds = isValues(schema) ? schema.anyOf : undefined;
  return Array.isArray(kinds) ? kinds.find((kind) => isValues(kind) && 'properties' in kind) : schema;
}

/** The schema of an item of a list, of a key of a map, or of any key where the user chooses them. */
function below({ items, properties, additionalProperties }: Values, step: string | number): unknown {
  if (typeof step === 'number') return items;
  return (isValues(properties) ? properties[step] : undefined) ?? additionalProperties;
}

/** The keys that the schema has at a path, which leads through maps and lists only. */
function knownKeysAt(path: Path): readonly string[] {
  let schema: unknown = labJsonSchema();
  for (const step of path) {
    schema = isValues(schema) ? notNull(below(schema, step)) : undefined;
  }
  const { properties, propertyNames } = isValues(schema) ? schema : {};
  if (isValues(properties)) return Object.keys(properties);
  const names = isValues(propertyNames) ? propertyNames.enum : undefined;
  return Array.isArray(names) ? names.map(String) : [];
}
