export interface CommonOptions {
  readonly lab: string;
  /** undefined: beside the lab file */
  readonly dist?: string;
  readonly output: 'text' | 'json';
}

export interface StatusOptions extends CommonOptions {
  readonly check?: true;
}

export interface RegionOptions extends CommonOptions {
  /** undefined: all */
  readonly region?: string[];
}

interface IgnoreOptions {
  /** Names of checks whose findings stop nothing; undefined: none */
  readonly ignore?: string[];
}

export type DoctorOptions = CommonOptions & IgnoreOptions;

export interface DeployOptions extends RegionOptions, IgnoreOptions {
  /** A file; undefined: from the web */
  readonly bundle?: string;
  readonly yes: boolean;
  readonly adopt: boolean;
  readonly skipTest: boolean;
  readonly atOnce: boolean;
  /** Seconds. */
  readonly timeout?: number;
  readonly concurrency: number;
}

export interface BundleOptions extends CommonOptions {
  /** To be written. */
  readonly file: string;
  /** Seconds. */
  readonly timeout?: number;
}

export interface VerifyOptions extends RegionOptions {
  readonly watch?: true;
  /** File to write */
  readonly junit?: string;
}

export interface ReportOptions extends CommonOptions {
  /** A file; undefined: `report.html` in `.lab/NAME/` */
  readonly out?: string;
  /** What exists is looked at. */
  readonly look: boolean;
  readonly open?: true;
}

export interface ToolsOptions extends CommonOptions {
  readonly prune?: true;
}

export interface CacheOptions extends CommonOptions {
  /** Days; undefined: nothing is removed. */
  readonly prune?: number;
}

export interface PlanOptions extends DeployOptions {
  readonly detailedExitcode?: true;
}

export interface ScenarioOptions extends RegionOptions {
  /** undefined: show them */
  readonly action?: 'up' | 'down';
  /** Of the scenario. */
  readonly name?: string;
  /** Seconds. */
  readonly timeout?: number;
}

export interface FailoverOptions extends CommonOptions {
  /** Names; undefined: see `all` */
  readonly fault?: string[];
  readonly all?: true;
  /** Where it is brought about; undefined: the first region */
  readonly region?: string;
  /** Seconds for which a fault stays; undefined: its own */
  readonly duration?: number;
  /** Requests a second of each client. */
  readonly rate: number;
  readonly repeat: number;
  /** Seconds without a fault, half as many of warm-up before them. */
  readonly baseline: number;
  /** Seconds after the repair; undefined: the fault's own */
  readonly after?: number;
  readonly keepalive?: true;
  /** Milliseconds. */
  readonly requestTimeout: number;
  /** A file. */
  readonly junit?: string;
  /** Milliseconds. */
  readonly maxGap?: number;
  /** Per cent. */
  readonly maxFailed?: number;
  /** Seconds. */
  readonly timeout?: number;
}

export interface DegradeOptions extends CommonOptions {
  readonly action: 'on' | 'off';
  /** Name of a profile; undefined with `off`: the one that is on */
  readonly profile?: string;
  /** Seconds. */
  readonly timeout?: number;
}

/** Of `pause` and `resume`. */
export interface RestOptions extends RegionOptions {
  readonly adopt: boolean;
  /** Seconds. */
  readonly timeout?: number;
}

export interface DestroyOptions extends RegionOptions {
  readonly yes: boolean;
  readonly adopt: boolean;
}

/** The options that a command was given, for a command that it proposes; without those of the lab, which `Paths.command` adds. */
export function asTyped({
  region,
  skipTest = false,
  atOnce = false,
  adopt = false,
  ignore,
  bundle,
}: RegionOptions & Partial<Pick<DeployOptions, 'skipTest' | 'atOnce' | 'adopt' | 'ignore' | 'bundle'>>): string[] {
  return [
    ...(region === undefined ? [] : ['--region', ...region]),
    ...(skipTest ? ['--skip-test'] : []),
    ...(atOnce ? ['--at-once'] : []),
    ...(adopt ? ['--adopt'] : []),
    ...(ignore === undefined ? [] : ['--ignore', ...ignore]),
    ...(bundle === undefined ? [] : ['--bundle', bundle]),
  ];
}

/** What `failover` does where nothing else is said. */
export const usual = { rate: 50, repeat: 3, baseline: 20, requestTimeout: 1000 };

/** As `asTyped`, of `failover`. */
export function failoverTyped(options: FailoverOptions): string[] {
  const number = (flag: string, value: number | undefined, otherwise?: number): string[] =>
    value === undefined || value === otherwise ? [] : [flag, String(value)];
  const { fault, all, region, duration, rate, repeat, baseline, after, keepalive, requestTimeout } = options;
  return [
    ...(fault === undefined ? [] : ['--fault', ...fault]),
    ...(all === true ? ['--all'] : []),
    ...(region === undefined ? [] : ['--region', region]),
    ...number('--duration', duration),
    ...number('--rate', rate, usual.rate),
    ...number('--repeat', repeat, usual.repeat),
    ...number('--baseline', baseline, usual.baseline),
    ...number('--after', after),
    ...(keepalive === true ? ['--keepalive'] : []),
    ...number('--request-timeout', requestTimeout, usual.requestTimeout),
    ...(options.maxGap === undefined ? [] : ['--max-gap', `${options.maxGap}ms`]),
    ...(options.maxFailed === undefined ? [] : ['--max-failed', `${options.maxFailed}%`]),
    ...(options.junit === undefined ? [] : ['--junit', options.junit]),
  ];
}
