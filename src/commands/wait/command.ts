// `sluice wait`: returns when all is ready, or every save is live.
import { Command, Option, UsageError } from 'clipanion';
import type { Waited } from '../../session/requests/wait.ts';
import type { Waiting } from '../../session/requests/waiting-text.ts';
import { AskingCommand, category } from '../asking/asking-command.ts';

export class WaitCommand extends AskingCommand {
  static override paths = [['wait']];
  static override usage = Command.Usage({
    category,
    description: 'Return when everything is ready; with --fresh when every change saved up to now is live',
    details: 'Returns at once, with the exit code of the cause, when that cannot come by itself any more.',
    examples: [['In a script or an agent, after an edit', 'sluice wait --fresh --json']],
  });
  resources = Option.Rest({ name: 'resource' });
  fresh = Option.Boolean('--fresh', false, { description: 'Every change saved up to this moment must be live' });
  timeout = Option.String('--timeout', '5m', { description: 'Give up after this long' });

  async execute(): Promise<number> {
    const { duration, durationHint } = await import('../../config/values/duration.ts');
    const timeoutMs = duration(this.timeout);
    if (timeoutMs === null)
      throw new UsageError(
        `--timeout ${this.timeout} is no duration like 500ms, 30s, 5m\n${durationHint(this.timeout)}`,
      );
    const what = { do: 'wait', resources: this.resources, fresh: this.fresh, timeoutMs, progress: !this.json };
    const waited = await this.waited(what);
    if (this.json || waited.ok) this.print(waited, `${this.fresh ? 'live' : 'ready'}\n`);
    const { complaint } = await import('../../session/end/complaint.ts');
    if (!this.json) for (const problem of waited.problems) process.stderr.write(complaint(problem));
    return waited.exitCode;
  }

  /** Out of time is a verdict too; what else keeps the session from answering is not. */
  private async waited(what: Readonly<Record<string, unknown>>): Promise<Pick<Waited, 'ok' | 'exitCode' | 'problems'>> {
    const { isProblemError } = await import('../../model/problems/problem.ts');
    try {
      for await (const news of this.follow(what)) {
        if (!('waiting' in (news as Waited | { waiting: Waiting }))) return news as Waited;
        const { waitingText } = await import('../../session/requests/waiting-text.ts');
        process.stderr.write(`sluice: waiting for ${waitingText((news as { waiting: Waiting }).waiting)}\n`);
      }
    } catch (error) {
      if (!isProblemError(error) || error.problem.kind !== 'timeout') throw error;
      return { ok: false, exitCode: 6, problems: [error.problem] };
    }
    throw new Error('a wait without a verdict');
  }
}
