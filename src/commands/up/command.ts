// `sluice up`: the main command.
import { Command, Option, UsageError } from 'clipanion';
import type { Overrides } from '../../model/config/overrides.ts';
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
  alone = Option.Boolean('--no-deps', false, { description: 'Of what is named nothing that it needs is brought up' });
  scale = Option.Array('--scale', [], { description: 'SERVICE=NUMBER of replicas of a Compose service' });
  pull = Option.String('--pull', { description: 'always, missing or never, instead of each pull_policy' });
  wait = Option.Boolean('--wait', false, { description: 'The same as --once' });
  build = Option.Boolean('--build', false, { description: 'As always: what has changed is built' });
  watch = Option.Boolean('-w,--watch', false, { description: 'As always without --once' });
  orphans = Option.Boolean('--remove-orphans', false, {
    description: 'Take away containers of services that the Compose files name no more',
  });
  stdin = Option.Boolean('--stdin', false, { description: 'With --json: take requests as JSON lines on stdin' });

  async execute(): Promise<number> {
    const once = this.once || this.wait;
    if (!once && (this.timeout !== undefined || this.retries !== undefined))
      throw new UsageError('--timeout and --retries go with --once\nwithout it there is nothing to give up');
    if (this.stdin && !this.json)
      throw new UsageError('--stdin goes with --json\nthe answers are records of that stream');
    const isScreen = process.stdout.isTTY && process.stdin.isTTY && process.env.TERM !== 'dumb';
    const view = this.json ? 'json' : this.plain || once || !isScreen ? 'plain' : 'tui';
    return this.session(view, once ? await this.endRule('0') : null, {
      stdin: this.stdin,
      removeOrphans: this.orphans,
      asked: { scale: scaleOf(this.scale), ...pullOf(this.pull), isAlone: this.alone },
      containers: { recreate: this.forceRecreate, renewVolumes: this.renewVolumes },
    });
  }
}

/** `web=3`, each. */
function scaleOf(given: readonly string[]): Readonly<Record<string, number>> {
  const all = given.map((text) => {
    const [, service, count] = /^(.+)=(\d{1,4})$/.exec(text) ?? [];
    if (service === undefined) throw new UsageError(`--scale ${text} says nothing\nwrite SERVICE=NUMBER`);
    return [service, Number(count)] as const;
  });
  return Object.fromEntries(all);
}

function pullOf(given: string | undefined): Pick<Overrides, 'pull'> {
  if (given === undefined || given === 'policy') return {};
  if (given === 'always' || given === 'missing' || given === 'never') return { pull: given };
  throw new UsageError(`--pull is always, missing or never, not ${given}`);
}
