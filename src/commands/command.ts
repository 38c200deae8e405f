// What every command shares: the common options, and errors that go to stderr with an exit code.
import { Command, Option } from 'clipanion';

export abstract class SluiceCommand extends Command {
  /** What becomes of it when nobody takes its output: it ends at once, gives up what it has begun, or drains as a session. */
  readonly unread: 'ends' | 'interrupted' | 'drains' = 'ends';
  file = Option.String('-f,--file', { description: 'Configuration file (default: sluice.yaml here or above)' });
  kubeContext = Option.String('--context', { description: 'Kubernetes context' });
  namespace = Option.String('-n,--namespace', { description: 'Namespace for what names none' });
  color = Option.Boolean('--color', { description: 'Colours, as far as the terminal has them; --no-color for none' });
  verbose = Option.Boolean('-v,--verbose', false, { description: 'Every fact on stderr, as it comes' });

  get env(): Readonly<Record<string, string | undefined>> {
    return process.env;
  }

  get wantsColor(): boolean {
    if (this.color !== undefined) return this.color;
    return !process.env.NO_COLOR && process.env.TERM !== 'dumb' && process.stdout.isTTY === true;
  }
}
