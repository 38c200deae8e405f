// `sluice ci`: everything up once, judged.
import { Command, Option } from 'clipanion';
import { UpdatingCommand } from '../session-command.ts';

export class CiCommand extends UpdatingCommand {
  static override paths = [['ci']];
  static override usage = Command.Usage({
    category: 'Session',
    description: 'Bring everything up once, and fail as soon as something cannot come up',
    details:
      'Exit codes: 0 all is ready · 2 configuration · 3 a build failed · 4 a deploy failed · 5 something that runs failed · 6 timeout, or Docker or the cluster out of reach.',
    examples: [['With a report', 'sluice ci --timeout 10m --stable 5s --junit report.xml']],
  });

  stable = Option.String('--stable', '5s', { description: 'Everything must stay ready this long' });
  junit = Option.String('--junit', { description: 'Write a JUnit report to this file' });

  async execute(): Promise<number> {
    const until = await this.endRule(this.stable);
    return this.session(this.json ? 'json' : 'ci', until, this.junit === undefined ? {} : { junit: this.junit });
  }
}
