/** Exit codes of every command. */
export const exitCode = {
  done: 0,
  /** A step failed, or a program is missing. */
  failed: 1,
  /** Wrong usage or lab file; nothing was touched. */
  usage: 2,
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

  constructor(message: string, code: number = exitCode.usage) {
    super(message);
    this.name = 'UserError';
    this.code = code;
  }
}
