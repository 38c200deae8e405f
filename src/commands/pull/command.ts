// `sluice pull`: images of Compose services, newly from their registries.
import { Command, Option, UsageError } from 'clipanion';
import { SluiceCommand } from '../command.ts';

export class PullCommand extends SluiceCommand {
  override readonly unread = 'interrupted';
  static override paths = [['pull']];
  static override usage = Command.Usage({
    category: 'Compose',
    description: 'Pull the images of Compose services',
    details:
      'Those that have no name but what they are built from, and those of pull_policy never or build, are left out.',
    examples: [
      ['All of them', 'sluice pull'],
      ['What is not there yet', 'sluice pull --policy missing'],
    ],
  });

  services = Option.Rest({ name: 'service' });
  policy = Option.String('--policy', {
    description: 'always, or missing (only what is not there), instead of pull_policy',
  });
  withNeeds = Option.Boolean('--include-deps', false, { description: 'What the services need as well' });
  unbuilt = Option.Boolean('--ignore-buildable', false, { description: 'Without images that can be built here' });
  lenient = Option.Boolean('--ignore-pull-failures', false, { description: 'What cannot be pulled is left out' });
  quiet = Option.Boolean('-q,--quiet', false, { description: 'Nothing is said but what fails' });

  async execute(): Promise<number> {
    const { policy = null } = this;
    if (policy !== null && policy !== 'always' && policy !== 'missing')
      throw new UsageError(`--policy ${policy} is neither always nor missing\nwrite one of them`);
    const [{ pullImages }, { configFile }] = await Promise.all([
      import('./pull.ts'),
      import('../../session/config-file.ts'),
    ]);
    return pullImages({
      file: await configFile(this.file ?? null),
      env: this.env,
      services: this.services,
      policy,
      withNeeds: this.withNeeds,
      isUnbuiltOnly: this.unbuilt,
      isLenient: this.lenient,
      say: (text) => (this.quiet ? true : this.context.stdout.write(`${text}\n`)),
    });
  }
}
