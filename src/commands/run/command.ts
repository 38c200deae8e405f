// `sluice run`: a one-off command in a container of a Compose service.
import { Command, Option, UsageError } from 'clipanion';
import { InServiceCommand } from '../in-service.ts';

export class RunCommand extends InServiceCommand {
  static override paths = [['run']];
  static override usage = Command.Usage({
    category: 'Compose',
    description: 'Run a one-off command in a new container of a Compose service',
    details:
      "With its networks and volumes, without its ports; gone when it has ended. What the service needs is brought up first, and an image that is not there is built or pulled. Its input and output are passed on, in a terminal as one; its exit code is the command's.",
    examples: [
      ['A migration', 'sluice run api ./migrate --now'],
      ['A shell instead of what the image begins with', 'sluice run --entrypoint sh api'],
    ],
  });

  service = Option.String({ name: 'service' });
  cmd = Option.Proxy({ name: 'command' });
  // As with `docker compose run`, the short one is the volume's.
  override verbose = Option.Boolean('--verbose', false, { description: 'Every fact on stderr, as it comes' });
  volumes = Option.Array('-v,--volume', [], { description: 'SOURCE:TARGET[:ro] for it, beside those of the service' });
  ports = Option.Array('-p,--publish', [], { description: 'HOST:CONTAINER, a port of it' });
  hasPorts = Option.Boolean('-P,--service-ports', false, { description: 'With the ports of the service' });
  hasAliases = Option.Boolean('--use-aliases', false, { description: 'Other containers find it as the service' });
  entrypoint = Option.String('--entrypoint', { description: 'Instead of that of the service and of the image' });
  labels = Option.Array('-l,--label', [], { description: 'KEY=value on its container' });
  capAdd = Option.Array('--cap-add', [], { description: 'A capability more' });
  capDrop = Option.Array('--cap-drop', [], { description: 'A capability less' });
  name = Option.String('--name', { description: 'Of its container' });
  build = Option.Boolean('--build', false, { description: 'What has changed of its image is built first' });
  pull = Option.String('--pull', { description: 'always, missing or never, instead of pull_policy' });
  alone = Option.Boolean('--no-deps', false, { description: 'What the service needs is not brought up first' });
  keep = Option.Boolean('--keep', false, { description: 'The container stays when it has ended' });
  rm = Option.Boolean('--rm', false, { description: 'It goes when it has ended, as without --keep' });

  async execute(): Promise<number> {
    if (this.hasPorts && this.ports.length > 0)
      throw new UsageError('--publish and --service-ports do not go together\ntake one of them out');
    if (this.keep && this.rm) throw new UsageError('--keep and --rm do not go together\ntake one of them out');
    const [{ runOnce }, { configFile }] = await Promise.all([
      import('./run.ts'),
      import('../../session/config-file.ts'),
    ]);
    return runOnce({
      file: await configFile(this.file ?? null),
      env: this.env,
      service: this.service,
      oneOff: {
        cmd: this.cmd,
        entrypoint: this.entrypoint ?? null,
        variables: this.variables,
        user: this.user ?? null,
        dir: this.dir ?? null,
        volumes: this.volumes,
        ports: this.ports,
        hasPorts: this.hasPorts,
        labels: this.labels,
        capabilities: { add: this.capAdd, drop: this.capDrop },
        isInteractive: this.isInteractive && !this.isDetached,
      },
      name: this.name ?? null,
      hasAliases: this.hasAliases,
      isBuilt: this.build,
      pull: this.pull ?? null,
      isKept: this.keep,
      isDetached: this.isDetached,
      isPlain: this.isPlain || this.isDetached || !this.isInteractive,
      isAlone: this.alone,
    });
  }
}
