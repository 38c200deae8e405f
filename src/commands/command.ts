// What every command shares: the common options, and errors that go to stderr with an exit code.
import { resolve } from 'node:path';
import { Command, Option } from 'clipanion';

export abstract class SluiceCommand extends Command {
  /** What becomes of it when nobody takes its output: it ends at once, gives up what it has begun, or drains as a session. */
  readonly unread: 'ends' | 'interrupted' | 'drains' = 'ends';
  file = Option.String('-f,--file', { description: 'Configuration file (default: sluice.yaml here or above)' });
  kubeContext = Option.String('--context', { description: 'Kubernetes context' });
  namespace = Option.String('-n,--namespace', { description: 'Namespace for what names none' });
  profiles = Option.Array('--profile', [], { description: 'A profile of the Compose file; may be given again' });
  envFiles = Option.Array('--env-file', [], { description: 'Variables of the Compose file, instead of .env' });
  color = Option.Boolean('--color', { description: 'Colours, as far as the terminal has them; --no-color for none' });
  verbose = Option.Boolean('-v,--verbose', false, { description: 'Every fact on stderr, as it comes' });

  /** With what the command line says in the place of a variable that `docker compose` reads too. */
  get env(): Readonly<Record<string, string | undefined>> {
    return {
      ...process.env,
      ...(this.profiles.length > 0 ? { COMPOSE_PROFILES: this.profiles.join(',') } : {}),
      ...(this.envFiles.length > 0 ? { COMPOSE_ENV_FILES: this.envFiles.map((path) => resolve(path)).join(',') } : {}),
    };
  }

  get wantsColor(): boolean {
    if (this.color !== undefined) return this.color;
    return !process.env.NO_COLOR && process.env.TERM !== 'dumb' && process.stdout.isTTY === true;
  }
}
