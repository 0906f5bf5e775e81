import type { DriverEvent, StepTakesLongEvent, Timing } from '../events/events.ts';
import { describeFailure } from '../events/failures.ts';

type Where = Pick<Timing, 'id' | 'step' | 'region'>;

/** Tells a reporter what happens and when, and keeps the times. */
export class Journal {
  readonly #start = Date.now();
  readonly #timings = new Map<string, Timing>();
  readonly #begun = new Map<string, number>();
  readonly #reached = new Map<string, number>();
  readonly #report: (event: DriverEvent) => void;
  readonly #signal: AbortSignal;
  /** Failures that another plan was to mend. */
  readonly #again: (DriverEvent & { event: 'step-again' })[] = [];

  /** @param signal once aborted, steps that end are no failures: they were stopped */
  constructor(report: (event: DriverEvent) => void, signal: AbortSignal) {
    this.#report = report;
    this.#signal = signal;
  }

  /** Seconds since the start. */
  get now(): number {
    return (Date.now() - this.#start) / 1000;
  }

  /** Steps that have ended well, in the order of their ends; of one that a second plan ran again, the last time. */
  get timings(): readonly Timing[] {
    return [...this.#timings.values()];
  }

  /** A step begins. */
  started({ id, ...where }: Where, reason: string): void {
    const at = this.now;
    this.#begun.set(id, at);
    this.#reached.delete(id);
    this.#report({ event: 'step-started', at, ...where, reason });
  }

  /** It has come to what others wait for. */
  reached(id: string): void {
    if (!this.#reached.has(id)) this.#reached.set(id, this.now);
  }

  /** When it had; undefined where it said nothing of the kind. */
  reachedAt(id: string): number | undefined {
    return this.#reached.get(id);
  }

  /** It has ended well. @param result what it has found, in words */
  done({ id, ...where }: Where, result?: string): void {
    const [from, to] = [this.#begun.get(id) ?? this.now, this.now];
    this.#timings.delete(id);
    this.#timings.set(id, { id, ...where, from, to });
    const found = result === undefined ? {} : { result };
    this.#report({ event: 'step-done', at: to, ...where, seconds: to - from, ...found });
  }

  /** It is still at work, after a time in which most are over. */
  takesLong(
    { id: _id, ...where }: Where,
    notice: Pick<StepTakesLongEvent, 'seconds' | 'notUp' | 'call' | 'said'>,
  ): void {
    this.#report({ event: 'step-takes-long', at: this.now, ...where, ...notice });
  }

  /**
   * It, or one of its parts, has failed; nothing is told of what was stopped.
   * @param notUp what was not up then, a line each
   * @param goesOn another plan may follow: what that mends is told as `step-again`
   * @returns does another plan mend it?
   */
  failed({ id, ...where }: Where, error: unknown, log: string, notUp: readonly string[] = [], goesOn = false): boolean {
    if (this.#signal.aborted) return false;
    const at = this.now;
    const seconds = at - (this.#begun.get(id) ?? at);
    const failure = describeFailure(error, log, notUp);
    if (goesOn && failure.again === true) {
      const event = { event: 'step-again', at, ...where, seconds, failure } as const;
      this.#again.push(event);
      this.#report(event);
      return true;
    }
    this.#report({ event: 'step-failed', at, ...where, seconds, failure });
    return false;
  }

  /** No other plan mends what one was to: it has failed. */
  lose(): void {
    for (const failed of this.#again.splice(0)) this.#report({ ...failed, event: 'step-failed' });
  }

  /** Another plan mends it. */
  goOn(): void {
    this.#again.splice(0);
  }

  /** Does one step's work between two reports. @throws what the work throws, after reporting it */
  async step(where: Where, reason: string, log: string, work: () => Promise<void>): Promise<void> {
    this.started(where, reason);
    try {
      await work();
    } catch (error) {
      this.failed(where, error, log);
      throw error;
    }
    this.done(where);
  }

  progress({ id: _id, ...where }: Where, line: string): void {
    this.#report({ event: 'step-progress', at: this.now, ...where, line });
  }

  /** @param order ids of all steps, for a reader: the times are told in this order */
  finish(outcome: 'done' | 'failed', skipped: number, criticalPath: readonly string[], order: readonly string[]): void {
    if (this.#signal.aborted) return;
    const place = new Map(order.map((id, index) => [id, index]));
    const timings = this.timings.toSorted((one, other) => (place.get(one.id) ?? 0) - (place.get(other.id) ?? 0));
    this.#report({ event: 'finished', at: this.now, outcome, ran: timings.length, skipped, timings, criticalPath });
  }
}
