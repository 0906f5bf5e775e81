import type { Lab } from '../../lab/lab.ts';
import type { Finding } from '../events/doctor-event.ts';
import type { Facts } from './facts.ts';

/** A finding, before it has the name of its check. */
export type Verdict = Omit<Finding, 'name' | 'ignored'>;

/** One thing that the doctor looks at. */
export interface Check {
  /** kebab-case and stable: users write it behind `--ignore`. */
  readonly name: string;
  /**
   * It is about what the user does with the lab, not the driver: a deploy tells it where clusters are to be made, and no more
   * after. @default false
   */
  readonly isForHands?: true;
  /** Pure. None where nothing is known: what is not known is never a finding. */
  readonly find: (lab: Lab, facts: Facts) => Verdict | readonly Verdict[] | undefined;
}

export const ok = (seen: string): Verdict => ({ level: 'ok', seen });

/** Something may go wrong, or will surprise. @param needed why that is not enough, or what would be */
export const warning = (seen: string, needed: string | undefined, remedy: string | undefined): Verdict => ({
  level: 'warning',
  ...whole(seen, needed, remedy),
});

/** The lab surely cannot work so; where there is doubt it is a warning. */
export const fatal = (seen: string, needed: string | undefined, remedy: string | undefined): Verdict => ({
  level: 'fatal',
  ...whole(seen, needed, remedy),
});

function whole(seen: string, needed: string | undefined, remedy: string | undefined): Omit<Verdict, 'level'> {
  return { seen, ...(needed !== undefined && { needed }), ...(remedy !== undefined && { remedy }) };
}

/** What was seen and what is needed, in one sentence. */
export const causeOf = ({ seen, needed }: Verdict): string => (needed === undefined ? seen : `${seen}; ${needed}`);

/** All of a finding in one line. */
export const sentenceOf = (found: Verdict): string =>
  found.remedy === undefined ? causeOf(found) : `${causeOf(found)}: ${found.remedy}`;

/** `3.2 GB`; @param bytes of memory or disk */
export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
