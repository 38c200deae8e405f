// What `run` and `exec` take alike: how a command runs in a container of a Compose service.
import { Option } from 'clipanion';
import { SluiceCommand } from './command.ts';

export abstract class InServiceCommand extends SluiceCommand {
  override readonly unread = 'interrupted';
  isPlain = Option.Boolean('-T,--no-tty', false, { description: 'Without a terminal, also in one' });
  user = Option.String('-u,--user', { description: 'Who runs it' });
  dir = Option.String('-w,--workdir', { description: 'Where it runs' });
  variables = Option.Array('-e,--env', [], { description: 'NAME=value for it' });
}
