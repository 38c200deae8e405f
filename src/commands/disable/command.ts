// `sluice disable`: a resource taken down for this session.
import { Command } from 'clipanion';
import { ActingCommand } from '../asking/acting-command.ts';
import { category } from '../asking/asking-command.ts';

export class DisableCommand extends ActingCommand {
  static override paths = [['disable']];
  static override usage = Command.Usage({
    category,
    description: 'Take a resource down and leave it so for this session',
  });

  execute(): Promise<number> {
    return this.act({ do: 'disable' }, 'disabled');
  }
}
