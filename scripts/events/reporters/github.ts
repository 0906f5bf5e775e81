import type { DriverEvent } from '../events.ts';
import { PlainReporter } from './plain.ts';

/** For the log of GitHub Actions: plain lines, those of the steps folded in one group; warnings and failures as annotations. */
export class GithubReporter extends PlainReporter {
  #isOpen = false;

  override report(event: DriverEvent): void {
    if (event.event === 'finished' || event.event === 'stopped') this.#end();
    if (event.event === 'warning') {
      this.print([command('warning', event.message)]);
      return;
    }
    super.report(event);
    if (event.event === 'planned') {
      this.#isOpen = true;
      this.print([command('group', 'The steps, one line a change')]);
    }
    if (event.event === 'step-failed') {
      const { step, region, failure } = event;
      const name = region === undefined ? step : `${region}: ${step}`;
      this.print([command('error', `${name} failed: ${failure.reason}; ${failure.remedy}`)]);
    }
  }

  override close(): void {
    this.#end();
  }

  #end(): void {
    if (this.#isOpen) this.print(['::endgroup::']);
    this.#isOpen = false;
  }
}

/** A command of GitHub's workflow log, its text escaped as the runner reads it (actions/toolkit, packages/core/src/command.ts). */
function command(name: 'group' | 'warning' | 'error', text: string): string {
  return `::${name}::${text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}`;
}
