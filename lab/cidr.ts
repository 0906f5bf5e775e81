/** Text that is no IPv4 address, subnet or range; the message says why and what to write in its place. */
export class AddressError extends Error {
  override readonly name = 'AddressError';

  /** What was probably meant; it need not be right in turn. */
  readonly meant?: string;

  constructor(
    /** What is wrong, as a sentence. */
    readonly problem: string,
    remedy: string | { readonly meant: string },
  ) {
    super(`${problem} ${typeof remedy === 'string' ? remedy : `Did you mean ${remedy.meant}?`}`);
    if (typeof remedy !== 'string') this.meant = remedy.meant;
  }
}

/** Anything with a first and a last address: a subnet or a range. */
export interface Span {
  readonly first: Ipv4;
  readonly last: Ipv4;
}

/** One IPv4 address; immutable. */
export class Ipv4 {
  declare private readonly brand: 'Ipv4';

  /** @throws AddressError unless `text` is four decimal numbers from 0 to 255, none with a leading zero. */
  static parse(text: string): Ipv4 {
    return Ipv4.of(parseAddress(text, text, (address) => address));
  }

  /** The address of a text; undefined where `parse` would throw. */
  static tryParse(text: string): Ipv4 | undefined {
    try {
      return Ipv4.parse(text);
    } catch {
      return undefined;
    }
  }

  /** The address of an unsigned 32-bit number. @throws RangeError for any other number. */
  static of(value: number): Ipv4 {
    if (!Number.isInteger(value) || value < 0 || value > MAX) throw new RangeError(`${value} is not an IPv4 address`);
    return new Ipv4(value);
  }

  private constructor(
    /** The address as an unsigned 32-bit number. */
    readonly value: number,
  ) {}

  /** The address `count` further on. @throws RangeError beyond 255.255.255.255. */
  plus(count: number): Ipv4 {
    return Ipv4.of(this.value + count);
  }

  /** `172.19.0.1` */
  toString(): string {
    return [24, 16, 8, 0].map((shift) => (this.value >>> shift) & 255).join('.');
  }
}

/** An IPv4 subnet without host bits; immutable. */
export class Cidr implements Span {
  declare private readonly brand: 'Cidr';

  /** @throws AddressError unless `text` is `a.b.c.d/p` with p from 0 to 32 and no host bits set. */
  static parse(text: string): Cidr {
    const slash = text.indexOf('/');
    if (slash < 0) {
      Ipv4.parse(text);
      throw new AddressError(`${text} has no prefix length.`, 'Add one, such as /16.');
    }
    const length = text.slice(slash + 1);
    const value = parseAddress(text.slice(0, slash), text, (address) => `${address}/${length}`);
    if (!/^\d+$/.test(length)) {
      throw new AddressError(`${text} has no prefix length after the slash.`, 'Add one, such as /16.');
    }
    const prefix = Number(length);
    if (prefix > 32) {
      throw new AddressError(`${text} has a prefix longer than 32 bits.`, 'Give a shorter one, such as /16.');
    }
    if (String(prefix) !== length) {
      const meant = `${text.slice(0, slash)}/${prefix}`;
      throw new AddressError(`${text} has a prefix with a leading zero.`, { meant });
    }
    const cidr = Cidr.around(Ipv4.of(value), prefix);
    if (cidr.first.value !== value) {
      throw new AddressError(`${text} has host bits set.`, { meant: cidr.toString() });
    }
    return cidr;
  }

  /** The subnet of that prefix length, 0 to 32, which holds the address. */
  static around(address: Ipv4, prefix: number): Cidr {
    const size = 2 ** (32 - prefix);
    return new Cidr(Ipv4.of(address.value - (address.value % size)), prefix);
  }

  private constructor(
    /** The network address. */
    readonly first: Ipv4,
    /** Length in bits, 0 to 32. */
    readonly prefix: number,
  ) {}

  /** How many addresses it has, the network's and the broadcast address included. */
  get size(): number {
    return 2 ** (32 - this.prefix);
  }

  /** The broadcast address. */
  get last(): Ipv4 {
    return this.first.plus(this.size - 1);
  }

  /** How many subnets of that prefix length it splits into; 0 for a shorter prefix than its own. */
  countOf(prefix: number): number {
    return Math.floor(2 ** (prefix - this.prefix));
  }

  /** The subnet at `index`, from 0, when this one is split into subnets of that prefix length. */
  part(prefix: number, index: number): Cidr {
    return Cidr.around(this.first.plus(index * 2 ** (32 - prefix)), prefix);
  }

  /** `172.19.0.0/16` */
  toString(): string {
    return `${this.first.toString()}/${this.prefix}`;
  }
}

/** IPv4 addresses from the first to the last, both included; immutable. */
export class IpRange implements Span {
  declare private readonly brand: 'IpRange';

  /** @throws AddressError unless `text` is `first-last`, in this order. */
  static parse(text: string): IpRange {
    const dash = text.indexOf('-');
    if (dash < 0) {
      const meant = text.includes('/') ? hostsOf(Cidr.parse(text)) : undefined;
      throw new AddressError(
        `${text} is not a range of addresses.`,
        meant === undefined ? 'Write it as FIRST-LAST.' : { meant: meant.toString() },
      );
    }
    const [start, end] = [text.slice(0, dash), text.slice(dash + 1)];
    const first = Ipv4.of(parseAddress(start, text, (address) => `${address}-${end}`));
    if (/^\d{1,3}$/.test(end) && Number(end) <= 255) {
      const meant = `${start}-${Cidr.around(first, 24).first.plus(Number(end)).toString()}`;
      throw new AddressError(`${text} has no whole address after the dash.`, { meant });
    }
    const last = Ipv4.of(parseAddress(end, text, (address) => `${start}-${address}`));
    if (first.value > last.value) {
      throw new AddressError(`${text} is reversed.`, { meant: IpRange.of(last, first).toString() });
    }
    return IpRange.of(first, last);
  }

  /** @throws RangeError when the first address lies above the last. */
  static of(first: Ipv4, last: Ipv4): IpRange {
    if (first.value > last.value) throw new RangeError(`${first.toString()}-${last.toString()} is reversed`);
    return new IpRange(first, last);
  }

  private constructor(
    readonly first: Ipv4,
    readonly last: Ipv4,
  ) {}

  /** How many addresses it has; at least 1. */
  get size(): number {
    return this.last.value - this.first.value + 1;
  }

  /** `172.19.255.1-172.19.255.100` */
  toString(): string {
    return `${this.first.toString()}-${this.last.toString()}`;
  }
}

/** Whether two spans share an address. */
export function overlap(a: Span, b: Span): boolean {
  return a.first.value <= b.last.value && b.first.value <= a.last.value;
}

/** As `overlap`, with any of these spans; sorted once, for many questions. */
export function overlapWithAny(spans: readonly Span[]): (span: Span) => boolean {
  const sorted = spans.toSorted((a, b) => a.first.value - b.first.value);
  const firsts = sorted.map(({ first }) => first.value);
  // the highest address of a span and of all before it
  const highest: number[] = [];
  for (const { last } of sorted) highest.push(Math.max(last.value, highest.at(-1) ?? 0));
  return ({ first, last }) => {
    let [from, to] = [0, firsts.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((firsts[middle] ?? 0) <= last.value) from = middle + 1;
      else to = middle;
    }
    // `from` spans begin at or before its end: does one of them end at or after its start?
    return (highest[from - 1] ?? -1) >= first.value;
  };
}

/** Whether every address of `inner` lies in `outer`. */
export function contains(outer: Span, inner: Span): boolean {
  return outer.first.value <= inner.first.value && inner.last.value <= outer.last.value;
}

/** Whether the address lies in the span. */
export function holds(span: Span, address: Ipv4): boolean {
  return contains(span, { first: address, last: address });
}

const MAX = 2 ** 32 - 1;

/** The addresses between that of the network and the broadcast address. */
function hostsOf({ first, last, size }: Cidr): IpRange | undefined {
  return size < 4 ? undefined : IpRange.of(first.plus(1), last.plus(-1));
}

/** Reads `address`, a part of `text`; `rebuilt` puts a corrected address back into the text for the remedy. */
function parseAddress(address: string, text: string, rebuilt: (address: string) => string): number {
  if (address.includes(':')) {
    throw new AddressError(`${text} is IPv6.`, 'The lab is IPv4 only: write it as a.b.c.d.');
  }
  const parts = address.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part))) {
    throw new AddressError(`${text} is not IPv4.`, 'Write it as four numbers with dots, such as 10.0.0.0.');
  }
  const tooLarge = parts.find((part) => Number(part) > 255);
  if (tooLarge !== undefined) {
    throw new AddressError(`${text} is not IPv4: ${tooLarge} is above 255.`, 'Give four numbers from 0 to 255.');
  }
  const plain = parts.map((part) => String(Number(part)));
  const zero = parts.find((part, index) => part !== plain[index]);
  if (zero !== undefined) {
    throw new AddressError(`${text} has the leading zero ${zero}, which some programs read as octal.`, {
      meant: rebuilt(plain.join('.')),
    });
  }
  return parts.reduce((value, part) => value * 256 + Number(part), 0);
}
