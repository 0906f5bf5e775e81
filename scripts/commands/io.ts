/** The world outside, as an entry point hands it in. */
export interface Io {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** A person sits there and can be asked. */
  readonly interactive: boolean;
  /** Aborted by SIGINT, SIGTERM or SIGHUP, and when an output stream takes no more. */
  readonly signal: AbortSignal;
  /** The user's home folder. @throws UserError where it is not known */
  readonly home: () => string;
  /** File with the routing table that a new docker network must not cover, as `/proc/net/route` has it. */
  readonly routes: string;
}
