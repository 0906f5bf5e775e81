/** What is known of a living lab, to be drawn over its plan. */
export interface Live {
  /** By region: how it is, in a word, and whether it is as it should be. A region that is not there is not known. */
  readonly states: ReadonlyMap<string, { readonly word: string; readonly ok: boolean }>;
  /** Are all agents of both regions connected to the other? */
  readonly isLinked: (one: string, other: string) => boolean;
}
