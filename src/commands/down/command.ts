// `sluice down`: what up made, taken down.
import { Command, Option } from 'clipanion';
import { SluiceCommand } from '../command.ts';

export class DownCommand extends SluiceCommand {
  override readonly unread = 'interrupted';
  static override paths = [['down']];
  static override usage = Command.Usage({
    category: 'Session',
    description: 'Delete what up made, in reverse order',
    details: 'What sluice did not make is kept, and so are namespaces and volumes unless asked for.',
    examples: [
      ['Everything', 'sluice down'],
      ['One resource', 'sluice down web'],
    ],
  });

  resources = Option.Rest({ name: 'resource' });
  volumes = Option.Boolean('--volumes', false, { description: 'Volume claims too: their data is lost' });
  namespaces = Option.Boolean('--namespaces', false, { description: 'Namespaces of the manifests too' });
  builder = Option.Boolean('--builder', false, { description: 'The builder in the cluster too, with its cache' });

  async execute(): Promise<number> {
    const [{ takeDown }, { configFile }] = await Promise.all([
      import('./down.ts'),
      import('../../session/config-file.ts'),
    ]);
    return takeDown({
      file: await configFile(this.file ?? null),
      context: this.kubeContext ?? null,
      namespace: this.namespace ?? null,
      only: this.resources,
      volumes: this.volumes,
      namespaces: this.namespaces,
      builder: this.builder,
      env: this.env,
      say: (text) => this.context.stdout.write(`${text}\n`),
    });
  }
}
