// Commands that act on the running session of this directory.
import { Option } from 'clipanion';
import { SluiceCommand } from '../command.ts';

/** Their place in the overview. */
export const category = 'Running session';

export abstract class AskingCommand extends SluiceCommand {
  json = Option.Boolean('--json', false, { description: 'The answer as JSON' });

  protected async ask(what: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { request } = await import('./client.ts');
    return request(what, { file: this.file ?? null, env: this.env });
  }

  /** The results of one request as they come; ends with the session. */
  protected async *follow(what: Readonly<Record<string, unknown>>): AsyncGenerator<unknown> {
    const { requests } = await import('./client.ts');
    yield* requests(what, { file: this.file ?? null, env: this.env });
  }

  protected print(value: unknown, text: string): number {
    this.context.stdout.write(this.json ? `${JSON.stringify(value)}\n` : text);
    return 0;
  }
}
