// Commands that act on the running session of this directory.
import { Command, Option, UsageError } from 'clipanion';
import { spelled } from '../model/invisible.ts';
import type { LogLine } from '../model/log.ts';
import { hintFor } from '../model/nearest.ts';
import type { PublicState } from '../model/public-state.ts';
import type { Waited } from '../session/wait.ts';
import type { Waiting } from '../session/waiting-text.ts';
import { SluiceCommand } from './command.ts';

const category = 'Running session';

abstract class AskingCommand extends SluiceCommand {
  json = Option.Boolean('--json', false, { description: 'The answer as JSON' });

  protected async ask(what: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { request } = await import('../session/client.ts');
    return request(what, { file: this.file ?? null, env: this.env });
  }

  /** The results of one request as they come; ends with the session. */
  protected async *follow(what: Readonly<Record<string, unknown>>): AsyncGenerator<unknown> {
    const { requests } = await import('../session/client.ts');
    yield* requests(what, { file: this.file ?? null, env: this.env });
  }

  protected print(value: unknown, text: string): number {
    this.context.stdout.write(this.json ? `${JSON.stringify(value)}\n` : text);
    return 0;
  }
}

export class StatusCommand extends AskingCommand {
  static override paths = [['status']];
  static override usage = Command.Usage({
    category,
    description: 'What is live, what runs, what waits and for what',
    examples: [['Again whenever it changes', 'sluice status --watch']],
  });
  resources = Option.Rest({ name: 'resource' });
  watch = Option.Boolean('-w,--watch', false, { description: 'Print it again whenever it changes' });

  async execute(): Promise<number> {
    const { statusText } = await import('../session/status-text.ts');
    const what = { do: 'status', resources: this.resources };
    if (!this.watch) {
      const state = (await this.ask(what)) as PublicState;
      return this.print(state, statusText(state, this.resources));
    }
    let shown = '';
    for await (const state of this.follow({ ...what, watch: true })) {
      if (state === null) break;
      const text = statusText(state as PublicState, this.resources);
      if (!this.json && text === shown) continue;
      this.print(state, this.isTerminal ? `${clearScreen}${text}` : `${shown === '' ? '' : '\n'}${text}`);
      shown = text;
    }
    return 0;
  }

  private get isTerminal(): boolean {
    return process.stdout.isTTY === true;
  }
}

const clearScreen = '\x1b[H\x1b[2J';

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

abstract class ActingCommand extends AskingCommand {
  resources = Option.Rest({ name: 'resource', required: 1 });

  protected async act(what: Readonly<Record<string, unknown>>, done: string): Promise<number> {
    const result = await this.ask({ ...what, resources: this.resources });
    return this.print(result, `${done}: ${this.resources.join(', ')}\n`);
  }
}

export class TriggerCommand extends ActingCommand {
  static override paths = [['trigger']];
  static override usage = Command.Usage({
    category,
    description: 'Bring a resource in now; without pending changes: build it anew and restart it',
  });
  force = Option.Boolean('--force', false, { description: 'A full build whatever changed' });

  execute(): Promise<number> {
    return this.act({ do: 'trigger', ...(this.force ? { force: true } : {}) }, 'triggered');
  }
}

export class CancelCommand extends ActingCommand {
  static override paths = [['cancel']];
  static override usage = Command.Usage({ category, description: 'Stop the run of a resource' });

  execute(): Promise<number> {
    return this.act({ do: 'cancel' }, 'cancelled');
  }
}

export class EnableCommand extends ActingCommand {
  static override paths = [['enable']];
  static override usage = Command.Usage({ category, description: 'Bring a disabled resource up again' });

  execute(): Promise<number> {
    return this.act({ do: 'enable' }, 'enabled');
  }
}

export class DisableCommand extends ActingCommand {
  static override paths = [['disable']];
  static override usage = Command.Usage({
    category,
    description: 'Take a resource down and leave it so for this session',
  });

  execute(): Promise<number> {
    return this.act({ do: 'disable' }, 'disabled');
  }
}

export class RestartCommand extends ActingCommand {
  static override paths = [['restart']];
  static override usage = Command.Usage({ category, description: 'Start what runs anew, without a build' });

  execute(): Promise<number> {
    return this.act({ do: 'restart' }, 'restarted');
  }
}

export class ModeCommand extends AskingCommand {
  static override paths = [['mode']];
  static override usage = Command.Usage({
    category,
    description: 'auto: changes start a run · manual: they wait for trigger',
  });
  mode = Option.String({ name: 'auto|manual' });
  resources = Option.Rest({ name: 'resource', required: 1 });

  async execute(): Promise<number> {
    const modes = ['auto', 'manual'];
    if (!modes.includes(this.mode))
      throw new UsageError(`no mode ${this.mode}\n${hintFor(this.mode, modes, 'it is one of')}`);
    const result = await this.ask({ do: 'mode', mode: this.mode, resources: this.resources });
    return this.print(result, `${this.mode}: ${this.resources.join(', ')}\n`);
  }
}

export class StopCommand extends AskingCommand {
  static override paths = [['stop']];
  static override usage = Command.Usage({ category, description: 'End the session; what it deployed stays' });

  async execute(): Promise<number> {
    await this.ask({ do: 'stop' });
    return this.print({ stopping: true }, 'stopping\n');
  }
}

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
    const { duration, durationHint } = await import('../config/duration.ts');
    const timeoutMs = duration(this.timeout);
    if (timeoutMs === null)
      throw new UsageError(
        `--timeout ${this.timeout} is no duration like 500ms, 30s, 5m\n${durationHint(this.timeout)}`,
      );
    const what = { do: 'wait', resources: this.resources, fresh: this.fresh, timeoutMs, progress: !this.json };
    const waited = await this.waited(what);
    if (this.json || waited.ok) this.print(waited, `${this.fresh ? 'live' : 'ready'}\n`);
    const { complaint } = await import('../session/complaint.ts');
    if (!this.json) for (const problem of waited.problems) process.stderr.write(complaint(problem));
    return waited.exitCode;
  }

  /** Out of time is a verdict too; what else keeps the session from answering is not. */
  private async waited(what: Readonly<Record<string, unknown>>): Promise<Pick<Waited, 'ok' | 'exitCode' | 'problems'>> {
    const { isProblemError } = await import('../model/problem.ts');
    try {
      for await (const news of this.follow(what)) {
        if (!('waiting' in (news as Waited | { waiting: Waiting }))) return news as Waited;
        const { waitingText } = await import('../session/waiting-text.ts');
        process.stderr.write(`sluice: waiting for ${waitingText((news as { waiting: Waiting }).waiting)}\n`);
      }
    } catch (error) {
      if (!isProblemError(error) || error.problem.kind !== 'timeout') throw error;
      return { ok: false, exitCode: 6, problems: [error.problem] };
    }
    throw new Error('a wait without a verdict');
  }
}
