import { publicUrl } from '../../lab/public-url.ts';

const HIDDEN = '[hidden]';

/** A key as OpenSSL writes it; the end may be cut off. */
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g;

/** A run of base64 that is long enough to hold a key. */
const BASE64 = /[A-Za-z0-9+/]{64,}={0,2}/g;

/** `password: x`, `"client_key": "x"`, `TOKEN=x`: a name that says so, and its value up to the end of the word. */
const NAMED =
  /((?:^|[^\w.-])["']?[\w.-]*(?:passw(?:or)?d|passphrase|token|secret|credentials?|api[-_]?key|access[-_]?key|private[-_]?key|client[-_]key|(?:ca|tls|server|client)\.key)["']?\s*[:=]\s*)(?!["']?\s*(?:$|[{[|>]))("[^"\n]*"|'[^'\n]*'|\S+)/gim;

const AUTHORIZATION = /\b(Bearer|Basic) [\w.~+/=-]{8,}/g;

/**
 * A text that others may read: private keys, in PEM or in base64, values whose names say that they are secret, users and passwords in
 * URLs, and what is known to be secret become `[hidden]`. It hides rather too much than too little. Pure.
 * @param known secrets of the lab, such as the key of its CA
 */
export function redact(text: string, known: readonly string[]): string {
  const secrets = known.flatMap((secret) => [secret, ...secret.split('\n')]).filter(({ length }) => length >= 16);
  const without = secrets.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);
  return publicUrl(
    without
      .replaceAll(PRIVATE_KEY, HIDDEN)
      .replaceAll(BASE64, (run) => (isKey(run) ? HIDDEN : run))
      .replaceAll(NAMED, `$1${HIDDEN}`)
      .replaceAll(AUTHORIZATION, `$1 ${HIDDEN}`),
  );
}

/** Whatever it begins with: a value may be cut out of a longer one. */
function isKey(base64: string): boolean {
  return [0, 1, 2, 3].some((skip) =>
    Buffer.from(base64.slice(skip), 'base64').toString('latin1').includes('PRIVATE KEY'),
  );
}
