// `sluice up`: the main command.
import { Command, Option, UsageError } from 'clipanion';
import { UpdatingCommand } from '../session-command.ts';

export class UpCommand extends UpdatingCommand {
  static override paths = [['up']];
  static override usage = Command.Usage({
    category: 'Session',
    description: 'Build, deploy, watch: what runs follows what you save',
    details:
      'In a terminal it opens the full-screen view. Otherwise, or with --plain, it prints prefixed log lines; with --json it writes state and logs as NDJSON. Names limit it to those resources and what they need.',
    examples: [
      ['Everything', 'sluice up'],
      ['One service and what it needs', 'sluice up web'],
      ['Until everything is built and ready', 'sluice up --once'],
    ],
  });

  plain = Option.Boolean('--plain', false, { description: 'Prefixed log lines instead of the full screen' });
  once = Option.Boolean('--once', false, { description: 'Until everything is built and ready, then exit' });
  forceRecreate = Option.Boolean('--force-recreate', false, {
    description: 'Make containers of Compose services anew, also where nothing changed',
  });
  renewVolumes = Option.Boolean('-V,--renew-anon-volumes', false, {
    description:
      'Give containers of Compose that are made anew new anonymous volumes, instead of those of the old ones',
  });
  orphans = Option.Boolean('--remove-orphans', false, {
    description: 'Take away containers of services that the Compose files name no more',
  });
  stdin = Option.Boolean('--stdin', false, { description: 'With --json: take requests as JSON lines on stdin' });

  async execute(): Promise<number> {
    if (!this.once && (this.timeout !== undefined || this.retries !== undefined))
      throw new UsageError('--timeout and --retries go with --once\nwithout it there is nothing to give up');
    if (this.stdin && !this.json)
      throw new UsageError('--stdin goes with --json\nthe answers are records of that stream');
    const isScreen = process.stdout.isTTY && process.stdin.isTTY && process.env.TERM !== 'dumb';
    const view = this.json ? 'json' : this.plain || this.once || !isScreen ? 'plain' : 'tui';
    return this.session(view, this.once ? await this.endRule('0') : null, {
      stdin: this.stdin,
      removeOrphans: this.orphans,
      containers: { recreate: this.forceRecreate, renewVolumes: this.renewVolumes },
    });
  }
}
