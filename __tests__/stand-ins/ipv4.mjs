// @ts-check

/** An IPv4 address as a number, or undefined. @param {string} text */
export function toNumber(text) {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** @param {number} address */
export function toText(address) {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** First and last address of `a.b.c.d/n`, host bits dropped; undefined if it is none. @param {string} cidr @returns {[number, number] | undefined} */
export function cidrRange(cidr) {
  const [, ip = '', bits = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(cidr) ?? [];
  const address = toNumber(ip);
  if (address === undefined || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(address / size) * size;
  return [first, first + size - 1];
}

/** @param {[number, number]} a @param {[number, number]} b */
export function overlap(a, b) {
  return a[0] <= b[1] && b[0] <= a[1];
}

/** @param {[number, number]} outer @param {[number, number]} inner */
export function contains(outer, inner) {
  return outer[0] <= inner[0] && inner[1] <= outer[1];
}

/** The CIDRs that make up a range, from the lowest, as MetalLB splits them. @param {[number, number]} range */
export function rangeToCidrs([first, last]) {
  /** @type {string[]} */
  const cidrs = [];
  for (let start = first; start <= last;) {
    let size = 1;
    while (start % (size * 2) === 0 && start + size * 2 - 1 <= last) size *= 2;
    cidrs.push(`${toText(start)}/${32 - Math.log2(size)}`);
    start += size;
  }
  return cidrs;
}
