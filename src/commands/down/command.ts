// `sluice down`: what up made, taken down.
import { Command, Option, UsageError } from 'clipanion';
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
  volumes = Option.Boolean('--volumes', false, {
    description: 'Volume claims, and volumes of Compose services, too: their data is lost',
  });
  namespaces = Option.Boolean('--namespaces', false, { description: 'Namespaces of the manifests too' });
  builder = Option.Boolean('--builder', false, { description: 'The builder in the cluster too, with its cache' });

  rmi = Option.String('--rmi', {
    description: 'Images of Compose services too: local (those without a name of their own) or all',
  });
  orphans = Option.Boolean('--remove-orphans', false, {
    description: 'Containers of services that the Compose files name no more, too',
  });

  grace = Option.String('-t,--timeout', {
    description: 'Seconds that containers of Compose services are given to end, instead of stop_grace_period',
  });

  async execute(): Promise<number> {
    const images = imagesAsked(this.rmi);
    const graceS = this.grace === undefined ? null : secondsAsked(this.grace);
    // Elsewhere -v of down is that of the volumes: whoever meant them hears it.
    if (this.verbose && !this.volumes)
      this.context.stderr.write('volumes are kept: -v is --verbose here, --volumes takes them away\n');
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
      images,
      orphans: this.orphans,
      graceS,
      env: this.env,
      say: (text) => this.context.stdout.write(`${text}\n`),
    });
  }
}

function imagesAsked(given: string | undefined): 'local' | 'all' | null {
  if (given === undefined || given === 'local' || given === 'all') return given ?? null;
  throw new UsageError(`--rmi is local or all, not ${given}`);
}

/** Whole ones; as Docker has it, -1 waits for ever. */
function secondsAsked(given: string): number {
  if (/^(-1|\d{1,6})$/.test(given)) return Number(given);
  throw new UsageError(`--timeout ${given} is no number of seconds\nwrite one like 10, or 0 for none`);
}
