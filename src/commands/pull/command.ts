// `sluice pull`: images of Compose services, newly from their registries.
import { Command, Option } from 'clipanion';
import { SluiceCommand } from '../command.ts';

export class PullCommand extends SluiceCommand {
  override readonly unread = 'interrupted';
  static override paths = [['pull']];
  static override usage = Command.Usage({
    category: 'Compose',
    description: 'Pull the images of Compose services',
    details: 'Those that are built here are left out.',
    examples: [['All of them', 'sluice pull']],
  });

  services = Option.Rest({ name: 'service' });

  async execute(): Promise<number> {
    const [{ pullImages }, { configFile }] = await Promise.all([
      import('./pull.ts'),
      import('../../session/config-file.ts'),
    ]);
    return pullImages({
      file: await configFile(this.file ?? null),
      env: this.env,
      services: this.services,
      say: (text) => this.context.stdout.write(`${text}\n`),
    });
  }
}
