import type { DriverEvent } from '../events.ts';
import { failureLines, linesOf } from './lines.ts';
import { PlainReporter } from './plain.ts';

/** For the log of GitHub Actions: plain lines, those of the steps folded in one group; warnings, failures and a stop as annotations. */
export class GithubReporter extends PlainReporter {
  #isOpen = false;

  override report(event: DriverEvent): void {
    if (event.event === 'finished' || event.event === 'stopped') this.#end();
    if (event.event === 'warning') {
      this.print([workflowCommand('warning', event.message)]);
      return;
    }
    if (event.event === 'stopped') {
      this.print([workflowCommand('warning', linesOf(event, this.style, this.layout).join('\n'))]);
      return;
    }
    // a destroy has no plan
    if (event.event === 'step-started') this.#begin();
    super.report(event);
    if (event.event === 'planned') this.#begin();
    if (event.event === 'step-failed' || event.event === 'step-again') {
      const kind = event.event === 'step-failed' ? 'error' : 'warning';
      this.print([workflowCommand(kind, failureLines(event, event.failure, this.style, this.show).join('\n'))]);
    }
  }

  override close(): void {
    this.#end();
  }

  #begin(): void {
    if (!this.#isOpen) this.print([workflowCommand('group', 'The steps, one line a change')]);
    this.#isOpen = true;
  }

  #end(): void {
    if (this.#isOpen) this.print(['::endgroup::']);
    this.#isOpen = false;
  }
}

/** A command of GitHub's workflow log, on one line: its text without blank lines around it, escaped as the runner reads it (actions/toolkit, packages/core/src/command.ts). */
export function workflowCommand(name: 'group' | 'warning' | 'error', text: string): string {
  return `::${name}::${text.trim().replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}`;
}
