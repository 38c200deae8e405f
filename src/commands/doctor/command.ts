import { Command } from 'clipanion';
import { isProblemError } from '../../model/problems/problem.ts';
import { OnceCommand } from '../once.ts';

const marks = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const;

export class DoctorCommand extends OnceCommand {
  static override paths = [['doctor']];
  static override usage = Command.Usage({
    category: 'Session',
    description: 'Check what sluice stands on (Docker, cluster, registry, file watching), and how to mend it',
    details: 'Exit codes: 0 nothing failed · 1 something did.',
  });

  execute(): Promise<number> {
    return this.interruptible(async (stop) => {
      const [{ examine }, { printable }] = await Promise.all([
        import('./doctor.ts'),
        import('../../session/end/complaint.ts'),
      ]);
      const checks = await examine(await this.request(), stop);
      const isWell = checks.every(({ status }) => status !== 'fail');
      if (this.json) this.print({ ok: isWell, checks });
      else
        for (const { name, status, what, hint } of checks) {
          this.context.stdout.write(`${marks[status]}  ${printable(`${name}: ${what}`)}\n`);
          if (hint) this.context.stdout.write(`      hint: ${printable(hint)}\n`);
        }
      return isWell ? 0 : 1;
    });
  }

  /** Without a configuration the rest can still be looked at. */
  private async request() {
    const { kubeContext: context = null, namespace = null, env } = this;
    try {
      return await this.configured();
    } catch (error) {
      if (!isProblemError(error)) throw error;
      return { file: error.problem, context, namespace, env };
    }
  }
}
