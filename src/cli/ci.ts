// `sluice ci`: everything up once, judged.
import { Command, Option, UsageError } from 'clipanion';
import { UpdatingCommand } from './updating.ts';

export class CiCommand extends UpdatingCommand {
  static override paths = [['ci']];
  static override usage = Command.Usage({
    category: 'Session',
    description: 'Bring everything up once, and fail as soon as something cannot come up',
    details:
      'Exit codes: 0 all is ready · 2 configuration · 3 a build failed · 4 a deploy failed · 5 something that runs failed · 6 timeout, or Docker or the cluster out of reach.',
    examples: [['With a report', 'sluice ci --timeout 10m --stable 5s --junit report.xml']],
  });

  timeout = Option.String('--timeout', '30m', { description: 'Give up after this long (0: never)' });
  stable = Option.String('--stable', '5s', { description: 'Everything must stay ready this long' });
  retries = Option.String('--retries', '0', { description: 'Crashes forgiven before it fails' });
  junit = Option.String('--junit', { description: 'Write a JUnit report to this file' });

  async execute(): Promise<number> {
    const retries = Number(this.retries);
    if (!Number.isInteger(retries) || retries < 0)
      throw new UsageError(`--retries ${this.retries}: a whole number from 0`);
    const { duration } = await import('../config/duration.ts');
    const ms = (flag: string, value: string): number => {
      const parsed = value === '0' ? 0 : duration(value);
      if (parsed === null) throw new UsageError(`${flag} ${value}: a duration like 500ms, 30s, 5m`);
      return parsed;
    };
    const until = { timeoutMs: ms('--timeout', this.timeout), stableMs: ms('--stable', this.stable), retries };
    return this.session(this.json ? 'json' : 'ci', until, this.junit === undefined ? {} : { junit: this.junit });
  }
}
