import { type Alias, type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';

/** Something in the text that a lab file does not take, though it may be YAML: where it begins, and a message. */
export interface TextProblem {
  readonly offset: number;
  readonly message: string;
}

/** What a walk through a document found. */
export interface Checked {
  readonly problems: readonly TextProblem[];
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
}

/** Deeper than any value of Cilium, and far from where a parser's own stack ends. */
const DEEPEST = 60;
/** Two for each of the most regions, and as many again. */
const MOST_ALIASES = 2048;
/** How many values all aliases may stand for. */
const MOST_ALIASED = 100_000;

/**
 * Walks through the nodes once, in the order of the text, and never resolves an alias twice: its cost grows with the file
 * alone, whatever that holds.
 */
export function checkDocument(document: Document): Checked {
  const problems: TextProblem[] = [...directives(document)];
  const targets = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
  const open = new Set<Node>();
  const sizes = new Map<Node, number>();
  let aliased = 0;
  const say = (node: unknown, message: string) => {
    problems.push({ offset: (node as Node | null)?.range?.[0] ?? 0, message });
  };

  /** How many values a node holds, aliases counted as what they stand for. */
  const visit = (node: unknown, depth: number): number => {
    if (isAlias(node)) return visitAlias(node);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return 1;
    if (node.tag !== undefined) say(node, `A lab has no YAML tags. Remove ${node.tag}; a text is put in quotes.`);
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isScalar(node)) {
      if (typeof node.value === 'number' && OCTAL.test(node.source ?? '')) {
        say(node, `${node.source} has a leading zero, which some programs read as octal. Did you mean ${node.value}?`);
      }
      return 1;
    }
    if (depth > DEEPEST) {
      say(node, TOO_DEEP);
      return 1;
    }
    open.add(node);
    const keys = new Set<string>();
    const size = (node.items as unknown[]).reduce<number>((sum, item) => {
      if (!isPair(item)) return sum + visit(item, depth + 1);
      visitKey(item, keys);
      const below = visit(item.value, depth + 1);
      // the parser makes a symbol of a merge key
      if (isScalar(item.key) && typeof item.key.value === 'symbol' && !isMergeable(item.value)) {
        say(item.key, '<< takes a map, or an alias of one, or a list of these. Write the values out.');
      }
      return sum + below;
    }, 1);
    open.delete(node);
    sizes.set(node, size);
    return size;
  };

  const visitKey = ({ key }: Pair, keys: Set<string>) => {
    if (!isScalar(key)) {
      say(key, 'A key is a text. Write one here.');
      return;
    }
    visit(key, 0);
    const name = String(key.value);
    if (name === '__proto__') say(key, '__proto__ is not a key of a lab or of Helm values. Remove it.');
    if (keys.has(name)) say(key, 'This key is given twice. Keep one of them.');
    keys.add(name);
  };

  const isMergeable = (value: unknown): boolean => {
    const maps = isSeq(value) ? value.items : [value];
    return maps.every((each) => isMap(isAlias(each) ? targets.get(each) : each));
  };

  const visitAlias = (alias: Alias): number => {
    const node = anchors.get(alias.source);
    const { source } = alias;
    if (node === undefined)
      say(alias, `*${source} refers to no anchor above it. Define &${source} first, or write the value out.`);
    else if (open.has(node)) say(alias, `*${source} stands inside &${source}. Write the value out.`);
    else targets.set(alias, node);
    const size = (node && sizes.get(node)) ?? 1;
    aliased += size;
    return size;
  };

  visit(document.contents, 0);
  if (targets.size > MOST_ALIASES) {
    say(document.contents, `The file has ${targets.size} aliases, more than ${MOST_ALIASES}. Write the values out.`);
  } else if (aliased > MOST_ALIASED) {
    say(document.contents, `The aliases stand for more than ${MOST_ALIASED} values. Write the values out.`);
  }
  return { problems, targets };
}

export const TOO_DEEP = `The file nests deeper than ${DEEPEST} maps and lists. Write it flatter.`;

/** A number as YAML 1.1 and C write octal ones. */
const OCTAL = /^[-+]?0\d+$/;

/** `%TAG`, and `%YAML` of another version than the one by which the file is read. */
function directives({ directives: given, warnings }: Document): TextProblem[] {
  const hasTags = Object.keys(given?.tags ?? {}).some((handle) => handle !== '!!');
  const isOther = given?.yaml.explicit === true && given.yaml.version !== '1.2';
  const isBad = warnings.some(({ code }) => code === 'BAD_DIRECTIVE');
  const message = 'A lab is YAML 1.2 and takes no other directive. Remove the lines that begin with %.';
  return hasTags || isOther || isBad ? [{ offset: 0, message }] : [];
}
