// `sluice mode`: whether changes start a run by themselves.
import { Command, Option, UsageError } from 'clipanion';
import { hintFor } from '../../model/text/nearest.ts';
import { AskingCommand, category } from '../asking/asking-command.ts';

export class ModeCommand extends AskingCommand {
  static override paths = [['mode']];
  static override usage = Command.Usage({
    category,
    description: 'auto: changes start a run · manual: they wait for trigger',
  });
  mode = Option.String({ name: 'auto|manual' });
  resources = Option.Rest({ name: 'resource', required: 1 });

  async execute(): Promise<number> {
    const modes = ['auto', 'manual'];
    if (!modes.includes(this.mode))
      throw new UsageError(`no mode ${this.mode}\n${hintFor(this.mode, modes, 'it is one of')}`);
    const result = await this.ask({ do: 'mode', mode: this.mode, resources: this.resources });
    return this.print(result, `${this.mode}: ${this.resources.join(', ')}\n`);
  }
}
