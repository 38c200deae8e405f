// `sluice stop`: the session ended.
import { Command } from 'clipanion';
import { AskingCommand, category } from '../asking/asking-command.ts';

export class StopCommand extends AskingCommand {
  static override paths = [['stop']];
  static override usage = Command.Usage({ category, description: 'End the session; what it deployed stays' });

  async execute(): Promise<number> {
    await this.ask({ do: 'stop' });
    return this.print({ stopping: true }, 'stopping\n');
  }
}
