import { publicUrl } from '../../lab/public-url.ts';

const HIDDEN = '[hidden]';

/** How names of what is secret end, sixty letters before it at most: `registry-password`, `DB_PASS`, `apiToken`, `tls.key`. A `secretName` is none. */
const NAME = String.raw`[\w.-]{0,60}(?:passw(?:or)?ds?|passphrases?|pass|pwd|psk|tokens?|secrets?|secret[-_]?keys?(?:[-_]base)?|credentials?|(?:api|access|account|private|client|certificate|deploy|encryption|signing|ssh)[-_]?keys?(?:[-_]data)?|auth|authorization|cookies?|docker(?:config)?json|dockercfg|(?:ca|tls|server|client)\.key)(?:[-_]?v?\d{1,3})?`;

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;

/** What is hidden already. */
const AGAIN = String.raw`(?!["']?\[hidden\])`;

/** A pattern, and what it becomes. */
type Rule = readonly [pattern: RegExp, by: string];

const rule = (pattern: string, by: string): Rule => [new RegExp(pattern, 'gim'), by];

/** Where a name says that its value is secret, and how far that goes: rather too far than not far enough. */
const named: readonly Rule[] = [
  // JSON: a member, a list of texts, the two halves of a pair, a variable, an option and its argument
  rule(String.raw`("${NAME}"\s*:\s*)(?:${STRING}|\[\s*"[^\]]*\]|[^\s,}\]\[{"]+)`, `$1"${HIDDEN}"`),
  rule(String.raw`("name"\s*:\s*"${NAME}"\s*,\s*"value"\s*:\s*)${STRING}`, `$1"${HIDDEN}"`),
  rule(String.raw`"(${NAME})=(?:[^"\\]|\\.)*"`, `"$1=${HIDDEN}"`),
  rule(String.raw`("--?${NAME}"\s*,\s*)${STRING}`, `$1"${HIDDEN}"`),
  // a pair in one line, as YAML and Go have it
  rule(String.raw`(\bname:[ 	]*["']?${NAME}["']?,?[ 	]+value:[ 	]*)(?:${STRING}|'[^']*'|[^\s,}\]]+)`, `$1${HIDDEN}`),
  // YAML: a text of several lines, the two halves of a pair, an option and its argument
  rule(
    String.raw`^([ \t]*)((?:- )?["']?${NAME}["']?[ \t]*:)[ \t]*(?:[&!]\S*[ \t]+)*[|>][-+\d]*[ \t]*(?:#.*)?\n(?:(?:\1[ \t]+\S.*|[ \t]*)(?:\n|$))*`,
    `$1$2 ${HIDDEN}\n`,
  ),
  rule(
    String.raw`(name:[ \t]*["']?${NAME}["']?[ \t]*\n[ \t]*value:)[ \t]*[|>][-+\d]*[ \t]*\n(?:[ \t]+\S.*(?:\n|$))*`,
    `$1 ${HIDDEN}\n`,
  ),
  rule(String.raw`(name:[ \t]*["']?${NAME}["']?[ \t]*\n[ \t]*value:[ \t]*)[^\n]+`, `$1${HIDDEN}`),
  rule(String.raw`(- ["']?--?${NAME}["']?[ \t]*\n[ \t]*- )[^\n]*`, `$1${HIDDEN}`),
  // a command line
  rule(String.raw`(--?${NAME}[ =])${AGAIN}(?:${STRING}|'[^']*'|\S+)`, `$1${HIDDEN}`),
  rule(String.raw`(\s-u[ \t]+)[^\s:]+:\S+`, `$1${HIDDEN}`),
  // all else: to the end of the text in quotes, or of the line
  rule(
    String.raw`((?:^|[^\w.-])["']?${NAME}["']?[ \t]*[:=][ \t]*)${AGAIN}(?:${STRING}|'(?:[^']|'')*'|[^\s"'][^\n]*)`,
    `$1${HIDDEN}`,
  ),
];

const keys: readonly Rule[] = [
  // a key as OpenSSL writes it; the end may be cut off
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, HIDDEN],
  // base64 in several lines: keys and certificates look alike
  [/(?:^[ \t]*[A-Za-z0-9+/]{60,}\r?\n)+[ \t]*[A-Za-z0-9+/]{4,}={0,2}[ \t]*$/gm, HIDDEN],
];

const users: readonly Rule[] = [
  [/\b(Bearer|Basic) [\w.~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  // a JSON Web Token
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, HIDDEN],
  // a user and a password before a host, where no scheme makes it a URL; the digest of an image has a name before it too
  [/(^|[\s=,"'])[^\s/@:"'=,]+:[^\s/@"']+@(?!sha256:)(?=[\w[])/gm, `$1…@`],
];

/** A run of base64 that is long enough to hold a key. */
const BASE64 = /[A-Za-z0-9+/]{64,}={0,2}/g;

/** Letters of the shortest secret that is looked for wherever it stands. */
const SHORTEST = 6;

/**
 * A text that others may read: private keys, in PEM or in base64, values whose names say that they are secret, users and passwords in
 * URLs, and what is known to be secret become `[hidden]`. It hides rather too much than too little. Pure.
 * @param known secrets: the keys of the lab, and what lab.yaml has under such names
 */
export function redact(text: string, known: readonly string[]): string {
  const keyless = applied(keys, hider(known)(text)).replaceAll(BASE64, (run) => (isKey(run) ? HIDDEN : run));
  return publicUrl(applied([...named, ...users], keyless));
}

/** Hides what is known to be secret, and nothing else, in whatever form a program prints it. Pure. */
export function hider(known: readonly string[]): (text: string) => string {
  const forms = known
    .flatMap((secret) => [secret, ...secret.split('\n').map((line) => line.trim()), ...(secret.match(HEX) ?? [])])
    .flatMap((secret) => [
      ...[secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), secret.replaceAll("'", "''")],
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    ])
    .filter(({ length }) => length >= SHORTEST);
  const longestFirst = [...new Set(forms)].toSorted((one, other) => other.length - one.length);
  return (text) => longestFirst.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);
}

/** A key that is a word of a longer text, as that of IPsec. */
const HEX = /\b[0-9a-f]{32,}\b/gi;

/** A value of JSON, of which each text is changed. Pure. */
export function mapTexts<Value>(value: Value, change: (text: string) => string): Value {
  const of = (each: unknown): unknown => {
    if (typeof each === 'string') return change(each);
    if (Array.isArray(each)) return each.map(of);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, of(inner)]));
  };
  return of(value) as Value;
}

const applied = (rules: readonly Rule[], text: string): string =>
  rules.reduce((left, [pattern, by]) => left.replaceAll(pattern, by), text);

/** As `redact`, of each text in a value of JSON: what is around it stays JSON. Pure. */
export function redactJson(value: unknown, known: readonly string[]): unknown {
  if (typeof value === 'string') return redact(value, known);
  if (Array.isArray(value)) return value.map((each) => redactJson(each, known));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      isSecretName(key) && typeof each === 'string' ? HIDDEN : redactJson(each, known),
    ]),
  );
}

const SECRET_NAME = new RegExp(`^${NAME}$`, 'i');
const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** What a document has under names that say that it is secret, and in pairs of such a name and a value. Pure. */
export function secretsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(secretsIn);
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const { name, value: paired } = value as { name?: unknown; value?: unknown };
  return [
    ...entries.flatMap(([key, each]) => (isSecretName(key) ? textsIn(each) : secretsIn(each))),
    ...(typeof name === 'string' && isSecretName(name) ? textsIn(paired) : []),
  ];
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Whatever it begins with: a value may be cut out of a longer one. */
function isKey(base64: string): boolean {
  return [0, 1, 2, 3].some((skip) =>
    Buffer.from(base64.slice(skip), 'base64').toString('latin1').includes('PRIVATE KEY'),
  );
}
