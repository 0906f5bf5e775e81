/** Exit codes of every command. */
export const exitCode = {
  done: 0,
  /** A step or a program failed, a program is missing, another run is at work, or a `--check` found something. */
  failed: 1,
  /** The user must put something right first: usage, lab file, dist/, or what exists stands against the lab. */
  usage: 2,
  /** `plan --detailed-exitcode`: there are steps to run. Terraform's 2 is a wrong usage here. */
  toRun: 3,
  /** Stopped by the user (128 + SIGINT). */
  stopped: 130,
} as const;

/** Things that are not as they should be, each in a sentence. */
export class FindingsError extends Error {
  readonly findings: readonly string[];

  constructor(message: string, findings: readonly string[]) {
    super(message);
    this.name = 'FindingsError';
    this.findings = findings;
  }
}

/** Something that only the user can put right; the message says what and how. */
export class UserError extends Error {
  readonly code: number;
  /** What the message says, for programs; none where it is not of this form. */
  readonly refusals: readonly { readonly cause: string; readonly remedy: string }[];

  constructor(
    message: string,
    code: number = exitCode.usage,
    refusals: readonly { readonly cause: string; readonly remedy: string }[] = [],
  ) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.refusals = refusals;
  }
}
