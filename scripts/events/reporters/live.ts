import { createLogUpdate } from 'log-update';
import type { DriverEvent } from '../events.ts';
import { place, type ShowPath } from './lines.ts';
import { PlainReporter } from './plain.ts';
import { counted, duration, type Style } from './text.ts';

type Started = Extract<DriverEvent, { event: 'step-started' }>;

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/**
 * For a terminal: what is done stays; below it, what runs, for how long, in which region, what it does or its tool's last
 * line, and how much of the plan is done.
 */
export class LiveReporter extends PlainReporter {
  readonly #running = new Map<string, { readonly started: Started; readonly since: number; line: string }>();
  readonly #update: ReturnType<typeof createLogUpdate>;
  readonly #columns: () => number;
  readonly #ticker: NodeJS.Timeout;
  #frame = 0;
  #planned = 0;
  #done = 0;

  constructor(
    stream: NodeJS.WriteStream,
    style: Style,
    show: ShowPath,
    titles: ReadonlyMap<string, string> = new Map(),
  ) {
    super((text) => stream.write(text), style, show, titles);
    this.#update = createLogUpdate(stream);
    this.#columns = () => stream.columns;
    this.#ticker = setInterval(() => {
      this.#frame++;
      this.#draw();
    }, 120);
  }

  override report(event: DriverEvent): void {
    if (event.event === 'step-started') {
      const line = this.layout.titles.get(event.step) ?? event.reason;
      this.#running.set(keyOf(event), { started: event, since: Date.now(), line });
      return;
    }
    if (event.event === 'step-progress') {
      const running = this.#running.get(keyOf(event));
      if (running !== undefined) running.line = event.line;
      return;
    }
    if (event.event === 'planned') this.#planned = event.steps.filter(({ action }) => action === 'run').length;
    if (event.event === 'step-done') this.#done++;
    if (event.event === 'step-done' || event.event === 'step-failed') this.#running.delete(keyOf(event));
    this.#update.clear();
    super.report(event);
    this.#draw();
  }

  override close(): void {
    clearInterval(this.#ticker);
    this.#update.clear();
    this.#update.done();
  }

  #draw(): void {
    const rows = [...this.#running.values()].map(({ started, since, line }) => {
      const spinner = frames[this.#frame % frames.length] ?? '';
      const head = `${spinner}      ${place(started, this.layout.width)}  ${duration((Date.now() - since) / 1000).padEnd(9)}  `;
      const room = this.#columns() - head.length - 1;
      return head + this.style.dim(room > 10 ? line.trim().slice(0, room) : '');
    });
    if (rows.length === 0) return;
    const overall =
      this.#planned === 0 ? [] : [this.style.dim(`       ${this.#done} of ${counted(this.#planned, 'step')}`)];
    this.#update([...rows, ...overall].join('\n'));
  }
}

function keyOf({ step, region }: { step: string; region?: string }): string {
  return `${region ?? ''}/${step}`;
}
