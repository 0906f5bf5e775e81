import type { DriverEvent } from '../events.ts';
import type { DownloadEvent } from '../supply-event.ts';
import type { ShowPath } from './lines.ts';
import { PlainReporter } from './plain.ts';
import { ChangingRows } from './rows.ts';
import { type AtWork, calm, screenLines } from './screen.ts';
import type { Style } from './text.ts';

interface Running extends AtWork {
  /** Milliseconds. */
  readonly since: number;
  readonly said: string[];
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Lines of a step that are kept; no terminal shows more of them. */
const mostKept = 8;

/** A pseudo-terminal that nobody has given a size says 0 (`ssh -tt`, `docker run -t` at first): taken for the usual one. */
const sizeOf = ({ columns, rows }: NodeJS.WriteStream) => ({ columns: columns || 80, rows: rows || 24 });

/** For a terminal: what is done stays; below it, redrawn, what runs ([`screen.ts`](screen.ts)). */
export class LiveReporter extends PlainReporter {
  readonly #running = new Map<string, Running>();
  readonly #rows: ChangingRows;
  readonly #stream: NodeJS.WriteStream;
  readonly #ticker: NodeJS.Timeout;
  #frame = 0;
  #regions: readonly string[] = [];
  #looking: number | undefined;
  readonly #downloads = new Map<string, DownloadEvent>();
  #plan: { readonly planned: number; readonly since: number } | undefined;
  #done = 0;
  #isFailed = false;
  /** It looks and plans once more, when what runs has ended. */
  #triesAgain = false;
  #isPaused = false;
  #watched: string | undefined;

  constructor(
    stream: NodeJS.WriteStream,
    style: Style,
    show: ShowPath,
    titles: ReadonlyMap<string, string> = new Map(),
  ) {
    super((text) => stream.write(text), style, show, { titles, columns: () => sizeOf(stream).columns });
    this.#stream = stream;
    this.#rows = new ChangingRows(stream);
    this.#ticker = setInterval(() => {
      this.#frame++;
      this.#draw();
    }, 120);
  }

  override report(event: DriverEvent): void {
    this.#isPaused = false;
    this.#note(event);
    if (['step-started', 'step-progress'].includes(event.event) || isUnderWay(event)) return;
    this.#rows.clear();
    super.report(event);
    this.#draw();
  }

  override pause(): void {
    this.#isPaused = true;
    this.#rows.close();
  }

  override close(): void {
    clearInterval(this.#ticker);
    this.pause();
  }

  #note(event: DriverEvent): void {
    // these may come in the midst of the look
    if (event.event !== 'warning' && event.event !== 'download')
      this.#looking = event.event === 'started' ? Date.now() : undefined;
    if (event.event === 'started') this.#regions = event.regions;
    if (event.event === 'planned') {
      this.#plan = { planned: event.steps.filter(({ action }) => action === 'run').length, since: Date.now() };
      this.#done = 0;
    }
    if (event.event === 'step-started') {
      const { step, region, reason } = event;
      const where = { step, ...(region === undefined ? {} : { region }) };
      const said = [this.layout.titles.get(step) ?? reason];
      this.#running.set(keyOf(event), { ...where, seconds: 0, since: Date.now(), said });
    }
    if (event.event === 'download') {
      if (event.state === 'running') this.#downloads.set(event.what, event);
      else this.#downloads.delete(event.what);
    }
    if (event.event === 'step-progress') this.#heard(event);
    if (event.event === 'step-done') this.#done++;
    if (event.event === 'step-failed') this.#isFailed = true;
    if (event.event === 'step-again') this.#triesAgain = true;
    if (event.event === 'planned' || event.event === 'step-failed') this.#triesAgain = false;
    if (event.event === 'step-done' || event.event === 'step-failed' || event.event === 'step-again')
      this.#running.delete(keyOf(event));
    if (this.#triesAgain && this.#running.size === 0) this.#looking ??= Date.now();
  }

  #heard(event: Extract<DriverEvent, { event: 'step-progress' }>): void {
    const said = this.#running.get(keyOf(event))?.said;
    const line = calm(event.line);
    // a wait says again and again what it waits for
    if (said === undefined || line === '' || said.at(-1) === line) return;
    said.push(line);
    // the first says what the step does
    if (said.length > mostKept) said.splice(1, 1);
  }

  /** The step that has said most, until it ends: the eye is not led to and fro. */
  #watch(): AtWork | undefined {
    const watched = this.#running.get(this.#watched ?? '');
    if (watched !== undefined) return watched;
    const talkative = [...this.#running].filter(([, { said }]) => said.length > 2);
    const [most] = talkative.toSorted(([, one], [, other]) => other.said.length - one.said.length);
    this.#watched = most?.[0];
    return most?.[1];
  }

  #draw(): void {
    if (this.#isPaused) return;
    const now = Date.now();
    const seconds = (since: number): number => (now - since) / 1000;
    const lines = screenLines(
      {
        spinner: frames[this.#frame % frames.length] ?? '',
        ...sizeOf(this.#stream),
        width: this.layout.width,
        regions: this.#regions,
        atWork: [...this.#running.values()].map((each) => ({ ...each, seconds: seconds(each.since) })),
        downloads: [...this.#downloads.values()],
        looking: this.#looking === undefined ? undefined : seconds(this.#looking),
        progress: this.#plan && { planned: this.#plan.planned, done: this.#done, seconds: seconds(this.#plan.since) },
        isFailed: this.#isFailed,
        watched: this.#watch(),
      },
      this.style,
    );
    this.#rows.draw(lines);
  }
}

/** Shown below, until it ends. */
const isUnderWay = (event: DriverEvent): boolean => event.event === 'download' && event.state === 'running';

function keyOf({ step, region }: { step: string; region?: string }): string {
  return `${region ?? ''}/${step}`;
}
