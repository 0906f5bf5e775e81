import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { Cidr } from './cidr.ts';
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
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const locate = (problem: Problem) => ({ ...problem, ...place(offsetOf(document, problem.path)) });
  const syntax = document.errors.map(({ code, message, pos }) => ({
    path: [],
    message: wording[code] ?? `${message.replace(/\.$/, '')}. Correct the YAML here.`,
    ...place(pos[0]),
  }));
  const problems = [...syntax, ...badAliases(document, place)];
  if (problems.length > 0) return { data: undefined, problems, locate };
  if (document.contents === null) return { data: undefined, problems: [locate({ path: [], message: EMPTY })], locate };
  try {
    return { data: document.toJS(), problems: [], locate };
  } catch (error) {
    // yaml refuses aliases that multiply beyond reason ("billion laughs")
    const message = `${error instanceof Error ? error.message : String(error)}. Write the values out.`;
    return { data: undefined, problems: [locate({ path: [], message })], locate };
  }
}

const EMPTY = 'The file is empty. Give it a name and regions.';

const wording: Readonly<Partial<Record<string, string>>> = {
  DUPLICATE_KEY: 'This key is given twice. Keep one of them.',
  MULTIPLE_DOCS: 'A lab is one YAML document. Remove this second one.',
  TAB_AS_INDENT: 'A tab indents this line. Use spaces.',
};

/** Aliases without an anchor, and those inside what they stand for. */
function badAliases(document: Document, place: (offset: number) => { line: number; column: number }) {
  const problems: LocatedProblem[] = [];
  visit(document, {
    Alias(_, alias, above) {
      const node = alias.resolve(document);
      if (node !== undefined && !above.includes(node)) return;
      const message =
        node === undefined
          ? `*${alias.source} refers to no anchor above it. Define &${alias.source} first, or write the value out.`
          : `*${alias.source} stands inside &${alias.source}. Write the value out.`;
      problems.push({ path: [], message, ...place(alias.range?.[0] ?? 0) });
    },
  });
  return problems;
}

/** Where a path leads, or as far as it leads. */
function offsetOf(document: Document, path: Path): number {
  let node = resolved(document, document.contents);
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!isPair(pair) || !isScalar(pair.key)) return offset;
      offset = pair.key.range?.[0] ?? offset;
      node = resolved(document, pair.value);
    } else if (isSeq(node) && typeof step === 'number') {
      node = resolved(document, node.items[step]);
      offset = node?.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
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
