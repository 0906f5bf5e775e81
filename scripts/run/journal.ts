import type { DriverEvent, Timing } from '../events/events.ts';
import { describeFailure } from '../events/failures.ts';

type Where = Pick<Timing, 'id' | 'step' | 'region'>;

/** Tells a reporter what happens and when, and keeps the times. */
export class Journal {
  readonly #start = Date.now();
  readonly #timings: Timing[] = [];
  readonly #report: (event: DriverEvent) => void;
  readonly #signal: AbortSignal;

  /** @param signal once aborted, steps that end are no failures: they were stopped */
  constructor(report: (event: DriverEvent) => void, signal: AbortSignal) {
    this.#report = report;
    this.#signal = signal;
  }

  /** Seconds since the start. */
  get now(): number {
    return (Date.now() - this.#start) / 1000;
  }

  /** Steps that have ended well, in the order of their ends. */
  get timings(): readonly Timing[] {
    return [...this.#timings];
  }

  /** Does one step's work between two reports. @throws what the work throws, after reporting it */
  async step({ id, ...where }: Where, reason: string, log: string, work: () => Promise<void>): Promise<void> {
    const from = this.now;
    this.#report({ event: 'step-started', at: from, ...where, reason });
    try {
      await work();
    } catch (error) {
      const failure = describeFailure(error, log);
      if (!this.#signal.aborted)
        this.#report({ event: 'step-failed', at: this.now, ...where, seconds: this.now - from, failure });
      throw error;
    }
    const to = this.now;
    this.#timings.push({ id, ...where, from, to });
    this.#report({ event: 'step-done', at: to, ...where, seconds: to - from });
  }

  progress({ id: _id, ...where }: Where, line: string): void {
    this.#report({ event: 'step-progress', at: this.now, ...where, line });
  }

  /** @param order ids of all steps, for a reader: the times are told in this order */
  finish(outcome: 'done' | 'failed', skipped: number, criticalPath: readonly string[], order: readonly string[]): void {
    if (this.#signal.aborted) return;
    const timings = this.timings.toSorted((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
    this.#report({ event: 'finished', at: this.now, outcome, ran: timings.length, skipped, timings, criticalPath });
  }
}
