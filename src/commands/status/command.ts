// `sluice status`: what is live, what runs, what waits and for what.
import { Command, Option } from 'clipanion';
import type { PublicState } from '../../model/public-state.ts';
import { AskingCommand, category } from '../asking/asking-command.ts';

export class StatusCommand extends AskingCommand {
  static override paths = [['status']];
  static override usage = Command.Usage({
    category,
    description: 'What is live, what runs, what waits and for what',
    examples: [['Again whenever it changes', 'sluice status --watch']],
  });
  resources = Option.Rest({ name: 'resource' });
  watch = Option.Boolean('-w,--watch', false, { description: 'Print it again whenever it changes' });

  async execute(): Promise<number> {
    const { statusText } = await import('./status-text.ts');
    const what = { do: 'status', resources: this.resources };
    if (!this.watch) {
      const state = (await this.ask(what)) as PublicState;
      return this.print(state, statusText(state, this.resources));
    }
    let shown = '';
    for await (const state of this.follow({ ...what, watch: true })) {
      if (state === null) break;
      const text = statusText(state as PublicState, this.resources);
      if (!this.json && text === shown) continue;
      this.print(state, this.isTerminal ? `${clearScreen}${text}` : `${shown === '' ? '' : '\n'}${text}`);
      shown = text;
    }
    return 0;
  }

  private get isTerminal(): boolean {
    return process.stdout.isTTY === true;
  }
}

const clearScreen = '\x1b[H\x1b[2J';
