// `sluice cancel`: the run of a resource stopped.
import { Command } from 'clipanion';
import { ActingCommand } from '../asking/acting-command.ts';
import { category } from '../asking/asking-command.ts';

export class CancelCommand extends ActingCommand {
  static override paths = [['cancel']];
  static override usage = Command.Usage({ category, description: 'Stop the run of a resource' });

  execute(): Promise<number> {
    return this.act({ do: 'cancel' }, 'cancelled');
  }
}
