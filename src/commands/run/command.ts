// `sluice run`: a one-off command in a container of a Compose service.
import { Command, Option } from 'clipanion';
import { InServiceCommand } from '../in-service.ts';

export class RunCommand extends InServiceCommand {
  static override paths = [['run']];
  static override usage = Command.Usage({
    category: 'Compose',
    description: 'Run a one-off command in a new container of a Compose service',
    details:
      "With its networks and volumes, without its ports; gone when it has ended. What the service needs is brought up first. Its input and output are passed on, in a terminal as one; its exit code is the command's.",
    examples: [['A migration', 'sluice run api ./migrate --now']],
  });

  service = Option.String({ name: 'service' });
  cmd = Option.Proxy({ name: 'command' });
  alone = Option.Boolean('--no-deps', false, { description: 'What the service needs is not brought up first' });
  keep = Option.Boolean('--keep', false, { description: 'The container stays when it has ended' });

  async execute(): Promise<number> {
    const [{ runOnce }, { configFile }] = await Promise.all([
      import('./run.ts'),
      import('../../session/config-file.ts'),
    ]);
    return runOnce({
      file: await configFile(this.file ?? null),
      env: this.env,
      service: this.service,
      cmd: this.cmd,
      variables: this.variables,
      user: this.user ?? null,
      dir: this.dir ?? null,
      isKept: this.keep,
      isPlain: this.isPlain,
      isAlone: this.alone,
    });
  }
}
