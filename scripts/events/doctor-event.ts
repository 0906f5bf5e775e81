/** The answer of `doctor`. */
export interface DoctorEvent {
  readonly event: 'doctor';
  readonly lab: string;
  /** Nothing fatal was found, but for what is ignored. */
  readonly ok: boolean;
  /** In the order of the checks. */
  readonly findings: readonly Finding[];
}

/** What a check found. */
export interface Finding {
  /** Of the check: short and stable, the word for `--ignore`. */
  readonly name: string;
  /** `fatal`: the lab surely cannot work so. */
  readonly level: 'ok' | 'warning' | 'fatal';
  /** The user said `--ignore` to it: it stops nothing. */
  readonly ignored?: true;
  readonly seen: string;
  /** Why that is not enough, or what would be; none where what was seen says it. */
  readonly needed?: string;
  /** The command that mends it, or what to do; none where all is well, or what was seen says it. */
  readonly remedy?: string;
}
