/** Something that exists stands against the lab, and only a person can say which of the two shall go. */
export interface Refusal {
  /** What is so, with both values. */
  readonly cause: string;
  readonly remedy: string;
}
