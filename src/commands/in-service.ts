// What `run` and `exec` take alike: how a command runs in a container of a Compose service.
import { Option } from 'clipanion';
import { lookup } from '../model/text/lookup.ts';
import { SluiceCommand } from './command.ts';

export abstract class InServiceCommand extends SluiceCommand {
  override readonly unread = 'interrupted';
  isPlain = Option.Boolean('-T,--no-tty', false, { description: 'Without a terminal, also in one' });
  isDetached = Option.Boolean('-d,--detach', false, {
    description: 'In the background: what it puts out is not shown',
  });
  isInteractive = Option.Boolean('-i,--interactive', true, { description: '--no-interactive: its input is empty' });
  user = Option.String('-u,--user', { description: 'Who runs it' });
  dir = Option.String('-w,--workdir', { description: 'Where it runs' });
  given = Option.Array('-e,--env', [], { description: 'NAME=value for it, or NAME of a variable of this shell' });

  /** A name alone is the variable of that name here; one that is not set is not given. */
  protected get variables(): readonly string[] {
    return this.given.flatMap((text) => {
      if (text.includes('=')) return [text];
      const value = lookup(process.env, text);
      return value === undefined ? [] : [`${text}=${value}`];
    });
  }
}
