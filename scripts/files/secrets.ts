import { parseDocument } from 'yaml';
import { readText } from '../../lab/text-file.ts';
import { hider, redact, secretsIn } from '../events/redact.ts';
import type { Paths } from './paths.ts';

/** Bytes of lab.yaml and of a key, and more. */
const LARGEST = 2 ** 20;

/**
 * What of a lab is secret: the keys that it has made, and what lab.yaml has under names that say so, as it was when the command began and as
 * it is since. Whatever is told, recorded or packed goes by here.
 */
export class Secrets {
  readonly #paths: Pick<Paths, 'ca' | 'ipsecKey' | 'labFile'>;
  readonly #known = new Set<string>();
  #hide: (text: string) => string = (text) => text;

  constructor(paths: Pick<Paths, 'ca' | 'ipsecKey' | 'labFile'>) {
    this.#paths = paths;
    this.look();
  }

  /** Looks once more: keys are made, and lab.yaml is written, while a command runs. */
  look(): void {
    const before = this.#known.size;
    const paths = this.#paths;
    const of = (file: string): string => readText(file, LARGEST).text ?? '';
    for (const key of [of(paths.ca('key')), of(paths.ipsecKey)]) if (key !== '') this.#known.add(key);
    try {
      const document: unknown = parseDocument(of(paths.labFile)).toJS();
      for (const secret of secretsIn(document)) this.#known.add(secret);
    } catch {
      // no YAML just now: somebody writes it
    }
    if (this.#known.size > before) this.#hide = hider([...this.#known]);
  }

  /** One that is learned meanwhile. */
  keep(secret: string): void {
    if (this.#known.has(secret)) return;
    this.#known.add(secret);
    this.#hide = hider([...this.#known]);
  }

  /** For what people read while it happens: what is known to be secret becomes `[hidden]`. */
  hide(text: string): string {
    return this.#hide(text);
  }

  /** For what is kept, and may be given to others: what looks like a secret is hidden too. */
  redact(text: string): string {
    return redact(text, [...this.#known]);
  }

  /** All that are known. */
  get known(): readonly string[] {
    return [...this.#known];
  }
}
