// `sluice exec`: a command in a running container of a Compose service.
import { Command, Option } from 'clipanion';
import { InServiceCommand } from '../in-service.ts';

export class ExecCommand extends InServiceCommand {
  static override paths = [['exec']];
  static override usage = Command.Usage({
    category: 'Compose',
    description: 'Run a command in a running container of a Compose service',
    details:
      "Its input and output are passed on; in a terminal it has one too, keys and window size included. Its exit code is the command's.",
    examples: [
      ['A shell', 'sluice exec database sh'],
      ['A shell command', 'sluice exec database sh -c "ls /data"'],
    ],
  });

  service = Option.String({ name: 'service' });
  cmd = Option.Proxy({ name: 'command', required: 1 });
  index = Option.String('--index', { description: 'Which of its replicas, from 1' });

  async execute(): Promise<number> {
    const [{ execIn }, { configFile }] = await Promise.all([
      import('./exec.ts'),
      import('../../session/config-file.ts'),
    ]);
    return execIn({
      file: await configFile(this.file ?? null),
      env: this.env,
      service: this.service,
      cmd: this.cmd,
      index: this.index === undefined ? null : Number(this.index),
      isPlain: this.isPlain,
      options: {
        ...(this.user ? { user: this.user } : {}),
        ...(this.dir ? { dir: this.dir } : {}),
        env: this.variables,
      },
    });
  }
}
