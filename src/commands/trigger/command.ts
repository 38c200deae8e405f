// `sluice trigger`: a resource brought in now.
import { Command, Option } from 'clipanion';
import { ActingCommand } from '../asking/acting-command.ts';
import { category } from '../asking/asking-command.ts';

export class TriggerCommand extends ActingCommand {
  static override paths = [['trigger']];
  static override usage = Command.Usage({
    category,
    description: 'Bring a resource in now; without pending changes: build it anew and restart it',
  });
  force = Option.Boolean('--force', false, { description: 'A full build whatever changed' });

  execute(): Promise<number> {
    return this.act({ do: 'trigger', ...(this.force ? { force: true } : {}) }, 'triggered');
  }
}
