// `sluice enable`: a disabled resource up again.
import { Command } from 'clipanion';
import { ActingCommand } from '../asking/acting-command.ts';
import { category } from '../asking/asking-command.ts';

export class EnableCommand extends ActingCommand {
  static override paths = [['enable']];
  static override usage = Command.Usage({ category, description: 'Bring a disabled resource up again' });

  execute(): Promise<number> {
    return this.act({ do: 'enable' }, 'enabled');
  }
}
