// Commands that ask the session to do something with the resources they name.
import { Option } from 'clipanion';
import { AskingCommand } from './asking-command.ts';

export abstract class ActingCommand extends AskingCommand {
  resources = Option.Rest({ name: 'resource', required: 1 });

  protected async act(what: Readonly<Record<string, unknown>>, done: string): Promise<number> {
    const result = await this.ask({ ...what, resources: this.resources });
    return this.print(result, `${done}: ${this.resources.join(', ')}\n`);
  }
}
