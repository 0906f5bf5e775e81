/** Exit codes of every command. */
export const exitCode = {
  done: 0,
  /** A step or a program failed, a program is missing, another run is at work, or a `--check` or `doctor` found something. */
  failed: 1,
  /** The user must put something right first: usage, lab file, dist/, or what exists, or the machine, stands against the lab. */
  usage: 2,
  /** `plan --detailed-exitcode`: there are steps to run. Terraform's 2 is a wrong usage here. */
  toRun: 3,
  /** Stopped by the user (128 + SIGINT). */
  stopped: 130,
} as const;

/** Things that are not as they should be, each in a sentence. */
export class FindingsError extends Error {
  readonly findings: readonly string[];
  /** What puts it right, where more is known than the catalogue of failures does. */
  readonly remedy: string | undefined;

  constructor(message: string, findings: readonly string[], remedy?: string) {
    super(message);
    this.name = 'FindingsError';
    this.findings = findings;
    this.remedy = remedy;
  }
}

/** Something stands against a command, and what puts it right. */
interface Told {
  readonly cause: string;
  readonly remedy: string;
}

/** Something that only the user can put right; the message says what and how. */
export class UserError extends Error {
  readonly code: number;
  /** What the message says, for programs; none where it is not of this form. */
  readonly refusals: readonly Told[];

  /** All that stands against a command; several that one remedy puts right have it once. */
  static refusing(refusals: readonly Told[], code: number = exitCode.usage): UserError {
    const lines = refusals.map(({ cause, remedy }, index) =>
      refusals[index + 1]?.remedy === remedy ? cause : `${cause}\n  ${remedy}`,
    );
    return new UserError(lines.join('\n'), code, refusals);
  }

  constructor(message: string, code: number = exitCode.usage, refusals: readonly Told[] = []) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.refusals = refusals;
  }
}
