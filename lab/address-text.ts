import { z } from 'zod';
import { AddressError, Cidr, IpRange } from './cidr.ts';
import { shown } from './shown.ts';

/** Longer than any address, subnet or range is written. */
const LONGEST_ADDRESS = 64;

/** The `params` of an issue whose message proposes something. */
export interface Proposal {
  readonly meant: string;
  /** The message where that is no good either. */
  readonly otherwise: string;
}

/**
 * Text that `read` turns into an address; its message becomes the problem.
 * @param pattern for editors: what `read` takes at least
 * @param remedy what to write, where what was probably meant is no good either
 */
function address<T>(read: (text: string) => T, pattern: RegExp, remedy: string) {
  const text = z.string().meta({ pattern: pattern.source });
  return text.transform((text, context) => {
    try {
      if (text.length > LONGEST_ADDRESS)
        throw new AddressError(`${shown(text)} is too long for an address.`, 'Shorten it.');
      return read(text);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      context.addIssue({ code: 'custom', ...told(error, read, remedy) });
      return z.NEVER;
    }
  });
}

/** The message of an error, with what is meant in the end, where one mistake hides another. */
function told(error: AddressError, read: (text: string) => unknown, remedy: string) {
  const meant = readable(error.meant, read);
  const otherwise = `${error.problem} ${remedy}`;
  if (meant !== undefined) {
    const params: Proposal = { meant, otherwise };
    return { message: `${error.problem} Did you mean ${meant}?`, params: { ...params } };
  }
  return { message: error.meant === undefined ? error.message : otherwise };
}

/** The text, or what is meant by it, that can be read. */
function readable(text: string | undefined, read: (text: string) => unknown): string | undefined {
  if (text === undefined) return undefined;
  try {
    read(text);
    return text;
  } catch (error) {
    return error instanceof AddressError ? readable(error.meant, read) : undefined;
  }
}

const NUMBER = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = `${NUMBER}(\\.${NUMBER}){3}`;

/** Not of this network, loopback, link-local, multicast or reserved, which `check-addresses.ts` refuses by name. */
const USABLE = '(?!(0|127|169\\.254|22[4-9]|2[3-5]\\d)\\.)';

/**
 * @param prefixes for editors: a pattern of those that such a subnet may have
 * @param remedy the same in words: `from /8 to /28, such as 172.19.0.0/16`
 */
export const cidrOf = (prefixes: string, remedy: string) =>
  address((text) => Cidr.parse(text), new RegExp(`^${USABLE}${IPV4}/(${prefixes})$`), `Write a subnet ${remedy}.`);

/** From one address to another: a pool has two at least. */
export const range = address(
  (text) => IpRange.parse(text),
  new RegExp(`^(?!(.*)-\\1$)${USABLE}${IPV4}-${USABLE}${IPV4}$`),
  'Write one in the upper half of network.subnet, such as 172.19.255.1-172.19.255.100.',
);

/** What the message of an issue proposes, of an address that cannot be read. */
export function proposalOf(issue: { readonly code: string; readonly params?: unknown }): Proposal | undefined {
  return issue.code === 'custom' ? (issue.params as Proposal | undefined) : undefined;
}
