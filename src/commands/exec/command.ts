// `sluice exec`: a command in a running container of a Compose service.
import { Command, Option, UsageError } from 'clipanion';
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
  privileged = Option.Boolean('--privileged', false, { description: 'With all rights' });

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
      index: this.index === undefined ? null : indexOf(this.index),
      isPlain: this.isPlain || this.isDetached || !this.isInteractive,
      isInteractive: this.isInteractive && !this.isDetached,
      isDetached: this.isDetached,
      options: {
        ...(this.privileged ? { privileged: true } : {}),
        ...(this.user ? { user: this.user } : {}),
        ...(this.dir ? { dir: this.dir } : {}),
        env: this.variables,
      },
    });
  }
}

/** Of a replica. */
function indexOf(given: string): number {
  if (/^[1-9]\d*$/.test(given)) return Number(given);
  throw new UsageError(`--index ${given} is no number of a replica\nwrite one from 1`);
}
