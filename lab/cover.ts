import { Cidr, Ipv4, type Span } from './cidr.ts';

/** The fewest subnets that hold a span's addresses and no others, in their order. */
export function coverOf({ first, last }: Span): Cidr[] {
  const cidrs: Cidr[] = [];
  for (let at = first.value; at <= last.value;) {
    let prefix = 32;
    while (prefix > 0 && at % 2 ** (33 - prefix) === 0 && at + 2 ** (33 - prefix) - 1 <= last.value) prefix--;
    cidrs.push(Cidr.around(Ipv4.of(at), prefix));
    at += 2 ** (32 - prefix);
  }
  return cidrs;
}
