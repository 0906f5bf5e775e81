/** What the programs are made of, in the project's folder. */
export const sources: readonly string[];

/** Of the place, size and time of all sources: another program, another fingerprint. */
export function fingerprint(project: string): string;
