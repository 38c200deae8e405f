// What commands share that look at the configuration once and end: JSON on request, and Ctrl-C that leaves nothing behind.
import { Option } from 'clipanion';
import type { Problem } from '../model/problems/problem.ts';
import { SluiceCommand } from './command.ts';

export abstract class OnceCommand extends SluiceCommand {
  override readonly unread = 'interrupted';
  json = Option.Boolean('--json', false, { description: 'The answer as JSON' });

  protected async configured() {
    const { configFile } = await import('../session/config-file.ts');
    const file = await configFile(this.file ?? null);
    return { file, context: this.kubeContext ?? null, namespace: this.namespace ?? null, env: this.env };
  }

  /** Gives the exit code. Ctrl-C aborts the signal: what was started (renderers, calls) is ended and waited for. */
  protected async interruptible(run: (stop: AbortSignal) => Promise<number>): Promise<number> {
    const { interruptible } = await import('./interruptible.ts');
    return interruptible(run);
  }

  protected print(value: unknown): number {
    this.context.stdout.write(`${JSON.stringify(value)}\n`);
    return 0;
  }

  /** The configuration cannot be used: every problem of it, and the exit code. */
  protected async refuse(problems: readonly Problem[]): Promise<number> {
    const { complaint } = await import('../session/end/complaint.ts');
    if (this.json) this.print({ problems });
    for (const problem of problems) this.context.stderr.write(complaint(problem));
    return 2;
  }
}
