// `sluice restart`: what runs, started anew without a build.
import { Command } from 'clipanion';
import { ActingCommand } from '../asking/acting-command.ts';
import { category } from '../asking/asking-command.ts';

export class RestartCommand extends ActingCommand {
  static override paths = [['restart']];
  static override usage = Command.Usage({ category, description: 'Start what runs anew, without a build' });

  execute(): Promise<number> {
    return this.act({ do: 'restart' }, 'restarted');
  }
}
