import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressError, Cidr, contains, holds, IpRange, Ipv4, overlap, overlapWithAny } from '../../lab/cidr.ts';

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((value) => Ipv4.of(value));
const cidr = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([ip, prefix]) => Cidr.around(ip, prefix));
const range = fc.tuple(address, address).map(([a, b]) => (a.value <= b.value ? IpRange.of(a, b) : IpRange.of(b, a)));

describe('addresses, subnets and ranges are read strictly', () => {
  function refusalOf(read: () => unknown): string {
    try {
      read();
    } catch (error) {
      if (error instanceof AddressError) return error.message;
      throw error;
    }
    throw new Error('it was read');
  }

  it.each([
    ['10.0.0', '10.0.0 is not IPv4. Write it as four numbers with dots, such as 10.0.0.0.'],
    ['ten', 'ten is not IPv4. Write it as four numbers with dots, such as 10.0.0.0.'],
    ['10.0.0.0x1', '10.0.0.0x1 is not IPv4. Write it as four numbers with dots, such as 10.0.0.0.'],
    ['10.0.0.1 ', '10.0.0.1  is not IPv4. Write it as four numbers with dots, such as 10.0.0.0.'],
    ['fd00::1', 'fd00::1 is IPv6. The lab is IPv4 only: write it as a.b.c.d.'],
    ['10.0.0.256', '10.0.0.256 is not IPv4: 256 is above 255. Give four numbers from 0 to 255.'],
    ['10.0.0.010', '10.0.0.010 has the leading zero 010, which some programs read as octal. Did you mean 10.0.0.10?'],
  ])('the address %s is refused', (text, message) => {
    expect(refusalOf(() => Ipv4.parse(text))).toBe(message);
  });

  it.each([
    ['10.0.1.0/8', '10.0.1.0/8 has host bits set. Did you mean 10.0.0.0/8?'],
    ['255.255.255.255/31', '255.255.255.255/31 has host bits set. Did you mean 255.255.255.254/31?'],
    ['10.0.0.0/33', '10.0.0.0/33 has a prefix longer than 32 bits. Give a shorter one, such as /16.'],
    ['10.0.0.0', '10.0.0.0 has no prefix length. Add one, such as /16.'],
    ['10.0.0.0/', '10.0.0.0/ has no prefix length after the slash. Add one, such as /16.'],
    ['10.0.0.0/-1', '10.0.0.0/-1 has no prefix length after the slash. Add one, such as /16.'],
    ['10.0.0.0/08', '10.0.0.0/08 has a prefix with a leading zero. Did you mean 10.0.0.0/8?'],
    [
      '010.0.0.0/8',
      '010.0.0.0/8 has the leading zero 010, which some programs read as octal. Did you mean 10.0.0.0/8?',
    ],
    ['10.1/16', '10.1/16 is not IPv4. Write it as four numbers with dots, such as 10.0.0.0.'],
    ['fd00::/8', 'fd00::/8 is IPv6. The lab is IPv4 only: write it as a.b.c.d.'],
  ])('the subnet %s is refused', (text, message) => {
    expect(refusalOf(() => Cidr.parse(text))).toBe(message);
  });

  it.each([
    ['10.0.0.9-10.0.0.1', '10.0.0.9-10.0.0.1 is reversed. Did you mean 10.0.0.1-10.0.0.9?'],
    ['10.0.0.1', '10.0.0.1 is not a range of addresses. Write it as FIRST-LAST.'],
    ['10.0.0.0/24', '10.0.0.0/24 is not a range of addresses. Did you mean 10.0.0.1-10.0.0.254?'],
    ['10.0.0.0/30', '10.0.0.0/30 is not a range of addresses. Did you mean 10.0.0.1-10.0.0.2?'],
    ['10.0.0.0/31', '10.0.0.0/31 is not a range of addresses. Write it as FIRST-LAST.'],
    [
      '10.0.0.1-10.0.0.09',
      '10.0.0.1-10.0.0.09 has the leading zero 09, which some programs read as octal. Did you mean 10.0.0.1-10.0.0.9?',
    ],
    [
      '010.0.0.1-10.0.0.9',
      '010.0.0.1-10.0.0.9 has the leading zero 010, which some programs read as octal. Did you mean 10.0.0.1-10.0.0.9?',
    ],
    ['10.0.0.1-9', '10.0.0.1-9 has no whole address after the dash. Did you mean 10.0.0.1-10.0.0.9?'],
  ])('the range %s is refused', (text, message) => {
    expect(refusalOf(() => IpRange.parse(text))).toBe(message);
  });

  it('numbers that are no address, and reversed ranges, are a mistake of the program', () => {
    expect(() => Ipv4.of(2 ** 32)).toThrow(RangeError);
    expect(() => Ipv4.of(-1)).toThrow(RangeError);
    expect(() => Ipv4.parse('255.255.255.255').plus(1)).toThrow(RangeError);
    expect(() => IpRange.of(Ipv4.of(2), Ipv4.of(1))).toThrow(RangeError);
  });
});

describe('what is read is written the same', () => {
  it('addresses', () => {
    fc.assert(fc.property(fc.ipV4(), (text) => Ipv4.parse(text).toString() === text));
  });
  it('subnets', () => {
    fc.assert(
      fc.property(cidr, (subnet) => {
        expect(Cidr.parse(subnet.toString())).toEqual(subnet);
      }),
    );
  });
  it('ranges', () => {
    fc.assert(
      fc.property(range, (span) => {
        expect(IpRange.parse(span.toString())).toEqual(span);
      }),
    );
  });
});

describe('a subnet', () => {
  it.each([
    ['172.19.0.0/16', '172.19.0.0', '172.19.255.255', 65536],
    ['0.0.0.0/0', '0.0.0.0', '255.255.255.255', 2 ** 32],
    ['10.0.0.7/32', '10.0.0.7', '10.0.0.7', 1],
  ])('%s goes from %s to %s: %i addresses', (text, first, last, size) => {
    const subnet = Cidr.parse(text);
    expect([subnet.first.toString(), subnet.last.toString(), subnet.size]).toEqual([first, last, size]);
  });

  it('splits into equal parts, side by side', () => {
    const subnet = Cidr.parse('10.0.0.0/14');
    const parts = Array.from({ length: subnet.countOf(16) }, (_, index) => subnet.part(16, index).toString());
    expect(parts).toEqual(['10.0.0.0/16', '10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16']);
    expect(subnet.countOf(13)).toBe(0);
  });

  it('is covered by its parts, which do not overlap', () => {
    fc.assert(
      fc.property(cidr, fc.integer({ min: 1, max: 4 }), (subnet, bits) => {
        fc.pre(subnet.prefix + bits <= 32);
        const parts = Array.from({ length: 2 ** bits }, (_, index) => subnet.part(subnet.prefix + bits, index));
        expect(parts[0]?.first).toEqual(subnet.first);
        expect(parts.at(-1)?.last).toEqual(subnet.last);
        for (const [index, part] of parts.entries()) {
          expect(contains(subnet, part)).toBe(true);
          expect(parts.slice(0, index).some((other) => overlap(other, part))).toBe(false);
        }
      }),
    );
  });
});

describe('spans', () => {
  it.each([
    ['10.0.0.0-10.0.0.9', '10.0.0.9-10.0.0.20', true, false],
    ['10.0.0.0-10.0.0.9', '10.0.0.10-10.0.0.20', false, false],
    ['10.0.0.0-10.0.0.9', '10.0.0.3-10.0.0.9', true, true],
    ['10.0.0.3-10.0.0.9', '10.0.0.0-10.0.0.9', true, false],
  ])('%s and %s: overlap %s, first contains second %s', (a, b, overlaps, inside) => {
    expect(overlap(IpRange.parse(a), IpRange.parse(b))).toBe(overlaps);
    expect(contains(IpRange.parse(a), IpRange.parse(b))).toBe(inside);
  });

  it('two subnets overlap exactly when one contains the other', () => {
    fc.assert(fc.property(cidr, cidr, (a, b) => overlap(a, b) === (contains(a, b) || contains(b, a))));
  });

  it('a subnet holds exactly the addresses whose subnet of that size it is', () => {
    fc.assert(fc.property(cidr, address, (a, x) => holds(a, x) === (String(Cidr.around(x, a.prefix)) === String(a))));
  });

  it('overlap with any of some spans, which may overlap each other, is overlap with one of them', () => {
    const span = fc.oneof(cidr, range, fc.tuple(fc.nat(60), fc.nat(9)).map(([at, more]) => IpRange.of(Ipv4.of(at), Ipv4.of(at + more)))); // prettier-ignore
    fc.assert(
      fc.property(fc.array(span), span, (spans, one) => {
        expect(overlapWithAny(spans)(one)).toBe(spans.some((other) => overlap(other, one)));
      }),
    );
  });

  it('overlap means a shared address, in either order', () => {
    fc.assert(
      fc.property(range, range, (a, b) => {
        const first = Math.max(a.first.value, b.first.value);
        const last = Math.min(a.last.value, b.last.value);
        expect(overlap(a, b)).toBe(first <= last);
        expect(overlap(b, a)).toBe(first <= last);
      }),
    );
  });
});
