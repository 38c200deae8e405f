// `sluice logs`: log lines of the session, as they were or as they come.
import { Command, Option, UsageError } from 'clipanion';
import type { LogLine } from '../../model/log.ts';
import { spelled } from '../../model/text/invisible.ts';
import { AskingCommand, category } from '../asking/asking-command.ts';

export class LogsCommand extends AskingCommand {
  static override paths = [['logs']];
  static override usage = Command.Usage({
    category,
    description: 'The last log lines',
    examples: [
      ['Errors of one resource', 'sluice logs web --level error'],
      ['As they come, until the session ends', 'sluice logs -f web'],
      ['Of the container before the last restart', 'sluice logs --previous web'],
    ],
  });

  // `-f` follows here, as in every other tool that shows logs.
  override file = Option.String('--file', { description: 'Configuration file (default: sluice.yaml here or above)' });
  resources = Option.Rest({ name: 'resource' });
  isFollowing = Option.Boolean('-f,--follow', false, { description: 'Keep printing as lines come' });
  tail = Option.String('--tail', '200', { description: 'How many lines' });
  since = Option.String('--since', { description: 'Only lines of the last 30s, 5m, 1h …' });
  grep = Option.String('--grep', { description: 'Only lines that match this regular expression' });
  level = Option.String('--level', { description: 'debug, info, warn or error: the lowest shown' });
  source = Option.String('--source', { description: 'build, runtime or engine' });
  container = Option.String('--container', { description: 'Only of the containers of this name' });
  previous = Option.Boolean('-p,--previous', false, {
    description: 'What containers said before they were started again',
  });

  async execute(): Promise<number> {
    const tail = Number(this.tail);
    if (!Number.isInteger(tail) || tail < 1)
      throw new UsageError(`--tail ${this.tail} is no number of lines\na whole number from 1`);
    if (this.previous && this.isFollowing) throw new UsageError('--previous with -f: what has ended says nothing more');
    const { resources, level, source, since, grep, container, previous } = this;
    const what = { do: 'logs', resources, tail, level, source, since, grep, container, previous };
    if (!this.isFollowing) this.show((await this.ask(what)) as readonly LogLine[]);
    else for await (const lines of this.follow({ ...what, follow: true })) this.show(lines as readonly LogLine[]);
    return 0;
  }

  private show(lines: readonly LogLine[]): void {
    const text = lines.map((line) => (this.json ? JSON.stringify(line) : `${spelled(line.resource)} │ ${line.text}`));
    if (text.length > 0) this.context.stdout.write(`${text.join('\n')}\n`);
  }
}
