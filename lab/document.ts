import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { Cidr } from './cidr.ts';
import { checkDocument, type TextProblem, TOO_DEEP } from './document-checks.ts';
import type { LocatedProblem, Path, Problem } from './problems.ts';

/** A YAML document whose values know their place in the text. */
export interface LabDocument {
  /** The plain data; undefined where the text is no YAML. */
  readonly data: unknown;
  /** What makes the text no YAML. */
  readonly problems: readonly LocatedProblem[];
  /** Adds line and column: of the key, of the item of a list, or of the nearest thing above that exists. */
  readonly locate: (problem: Problem) => LocatedProblem;
}

/** Reads YAML text; never throws. Merge keys (`<<: *anchor`) are understood. */
export function readDocument(text: string): LabDocument {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // the parser's own stack came to its end
    const problem = { path: [], message: TOO_DEEP };
    return { data: undefined, problems: [problem], locate: (other) => other };
  }
}

function read(text: string): LabDocument {
  const lines = new LineCounter();
  // the parser finds a key that is given twice by comparing each with each
  const options = { lineCounter: lines, prettyErrors: false, merge: true, uniqueKeys: false } as const;
  const document = parseDocument(text, options);
  const { problems: found, targets } = checkDocument(document);
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const offsetOf = locator(document, targets);
  const locate = (problem: Problem) => ({ ...problem, ...place(offsetOf(problem.path)) });
  const problems = [...syntaxProblems(document), ...found].map(({ offset, message }) => ({
    path: [],
    message,
    ...place(offset),
  }));
  if (problems.length > 0) return { data: undefined, problems, locate };
  if (document.contents === null) return { data: undefined, problems: [locate({ path: [], message: EMPTY })], locate };
  return { data: document.toJS({ maxAliasCount: -1 }), problems: [], locate };
}

function syntaxProblems(document: Document): TextProblem[] {
  const [deep] = document.errors.filter(({ message }) => message.startsWith('Maximum call stack'));
  if (deep !== undefined) return [{ offset: deep.pos[0], message: TOO_DEEP }];
  return document.errors.map(({ code, message, pos }) => ({
    offset: pos[0],
    message: wording[code] ?? `${message.replace(/\.$/, '')}. Correct the YAML here.`,
  }));
}

const EMPTY = 'The file is empty. Give it a name and regions.';

const wording: Readonly<Partial<Record<string, string>>> = {
  MULTIPLE_DOCS: 'A lab is one YAML document. Remove this second one.',
  TAB_AS_INDENT: 'A tab indents this line. Use spaces.',
};

/** A function that says where a path leads, or as far as it leads; each map is looked through once. */
function locator(document: Document, targets: ReadonlyMap<Alias, Node>): (path: Path) => number {
  const indices = new Map<YAMLMap, ReadonlyMap<string, Pair>>();
  const indexOf = (map: YAMLMap) => {
    const known = indices.get(map);
    if (known !== undefined) return known;
    const index = new Map(map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])));
    indices.set(map, index);
    return index;
  };
  const follow = (value: unknown) => (isAlias(value) ? targets.get(value) : isNode(value) ? value : undefined);
  return (path) => {
    let node: Node | undefined = follow(document.contents);
    let offset = node?.range?.[0] ?? 0;
    for (const step of path) {
      if (isMap(node)) {
        const pair = indexOf(node).get(String(step));
        if (pair === undefined || !isScalar(pair.key)) return offset;
        offset = pair.key.range?.[0] ?? offset;
        node = follow(pair.value);
      } else if (isSeq(node) && typeof step === 'number') {
        node = follow(node.items[step]);
        offset = node?.range?.[0] ?? offset;
      } else {
        return offset;
      }
    }
    return offset;
  };
}

function resolved(document: Document, value: unknown): Node | undefined {
  if (isAlias(value)) return value.resolve(document);
  return isNode(value) ? value : undefined;
}

/**
 * The text of a lab file with `network.subnet` set; all other characters, comments and layout stay.
 * The text must be a valid lab.
 */
export function withSubnet(text: string, subnet: Cidr): string {
  const document = parseDocument(text);
  const network = resolved(document, document.get('network', true));
  if (isMap(network)) {
    const value = resolved(document, network.get('subnet', true));
    if (value?.range) return splice(text, value.range[0], value.range[1], subnet.toString());
    return withFirstKey(text, network, `subnet: ${subnet.toString()}`);
  }
  if (isMap(document.contents) && document.contents.flow === true) {
    return withFirstKey(text, document.contents, `network: { subnet: ${subnet.toString()} }`);
  }
  return `${text.replace(/\n*$/, '\n')}network:\n  subnet: ${subnet.toString()}\n`;
}

/** Puts an entry before the first one of a map. */
function withFirstKey(text: string, map: Node, entry: string): string {
  const [start, end] = map.range ?? [0, 0];
  const first = isMap(map) && isScalar(map.items[0]?.key) ? map.items[0].key.range?.[0] : undefined;
  if (first === undefined) return splice(text, start, end, `{ ${entry} }`);
  if (isMap(map) && map.flow === true) return splice(text, first, first, `${entry}, `);
  const indent = ' '.repeat(first - (text.lastIndexOf('\n', first - 1) + 1));
  return splice(text, first, first, `${entry}\n${indent}`);
}

function splice(text: string, start: number, end: number, middle: string): string {
  return text.slice(0, start) + middle + text.slice(end);
}
