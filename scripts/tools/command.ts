/** One call of one program: an argument array, never a shell string. */
export interface Command {
  readonly program: Program;
  readonly args: readonly string[];
  /** Set for this call, over the cleaned environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** As `env`, and shown to nobody. */
  readonly secretEnv?: Readonly<Record<string, string>>;
  /** Given to it on its standard input: logged, since the line to paste has none of it. @default - nothing to read */
  readonly input?: string;
  /** A folder in which the programs that this one calls are looked for first; not shown, since the lab alone needs it. */
  readonly pathFirst?: string;
  /** Its output holds keys (release values, mesh access): it is neither logged nor shown. */
  readonly secret?: boolean;
  /** It answers with an id or a name alone, which tells a reader nothing: it is logged, and not shown. */
  readonly quiet?: boolean;
  /** Its answer is data, which its caller keeps: neither logged nor shown, but for what it says on stderr. */
  readonly bulk?: boolean;
  /** To run it twice is the same as once: it is run again where the cluster could not take it for a moment. */
  readonly repeatable?: boolean;
}

export type Program = 'docker' | 'kind' | 'helm' | 'kubectl' | 'cilium';

/** The command as a line to paste into a shell; for people to read, never executed. */
export function toShell(command: Command): string {
  const env = Object.entries(command.env ?? {}).map(([name, value]) => `${name}=${quote(value)}`);
  return [...env, command.program, ...command.args.map(quote)].join(' ');
}

/** A word as a shell reads it back. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
