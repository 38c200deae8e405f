// Commands that act on the running session of this directory.
import { Command, Option, UsageError } from 'clipanion';
import type { LogLine } from '../model/log.ts';
import type { Problem } from '../model/problem.ts';
import type { PublicState } from '../model/public-state.ts';
import { SluiceCommand } from './command.ts';

const category = 'Running session';

abstract class AskingCommand extends SluiceCommand {
  json = Option.Boolean('--json', false, { description: 'The answer as JSON' });

  protected async ask(what: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { request } = await import('../session/client.ts');
    return request(what, { file: this.file ?? null, env: this.env });
  }

  protected print(value: unknown, text: string): number {
    this.context.stdout.write(this.json ? `${JSON.stringify(value)}\n` : text);
    return 0;
  }
}

export class StatusCommand extends AskingCommand {
  static override paths = [['status']];
  static override usage = Command.Usage({ category, description: 'What is live, what runs, what waits and for what' });

  async execute(): Promise<number> {
    const state = (await this.ask({ do: 'status' })) as PublicState;
    const { statusText } = await import('../session/status-text.ts');
    return this.print(state, statusText(state));
  }
}

export class LogsCommand extends AskingCommand {
  static override paths = [['logs']];
  static override usage = Command.Usage({
    category,
    description: 'The last log lines',
    examples: [['Errors of one resource', 'sluice logs web --level error']],
  });

  resources = Option.Rest({ name: 'resource' });
  follow = Option.Boolean('--follow', false, { description: 'Keep printing as lines come' });
  tail = Option.String('--tail', '200', { description: 'How many lines' });
  level = Option.String('--level', { description: 'debug, info, warn or error: the lowest shown' });
  source = Option.String('--source', { description: 'build or runtime' });

  async execute(): Promise<number> {
    const tail = Number(this.tail);
    if (!Number.isInteger(tail) || tail < 1) throw new UsageError(`--tail ${this.tail}: a number of lines`);
    const what = { do: 'logs', resources: this.resources, tail, level: this.level, source: this.source };
    let last = this.show((await this.ask(what)) as readonly LogLine[], 0);
    while (this.follow) {
      // One request a second: the answer of an idle session is empty.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      last = this.show((await this.ask({ ...what, tail: 10_000 })) as readonly LogLine[], last);
    }
    return 0;
  }

  private show(lines: readonly LogLine[], after: number): number {
    for (const line of lines)
      if (line.seq > after)
        this.context.stdout.write(this.json ? `${JSON.stringify(line)}\n` : `${line.resource} │ ${line.text}\n`);
    return lines[lines.length - 1]?.seq ?? after;
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
    if (this.mode !== 'auto' && this.mode !== 'manual') throw new UsageError(`mode ${this.mode}: it is auto or manual`);
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

interface Waited {
  readonly ok: boolean;
  readonly failed: readonly string[];
  readonly problems: readonly Problem[];
}

export class WaitCommand extends AskingCommand {
  static override paths = [['wait']];
  static override usage = Command.Usage({
    category,
    description: 'Return when everything is ready; with --fresh when every change saved up to now is live',
    examples: [['In a script or an agent, after an edit', 'sluice wait --fresh --json']],
  });
  resources = Option.Rest({ name: 'resource' });
  fresh = Option.Boolean('--fresh', false, { description: 'Every change saved up to this moment must be live' });
  timeout = Option.String('--timeout', '5m', { description: 'Give up after this long' });

  async execute(): Promise<number> {
    const { duration } = await import('../config/duration.ts');
    const timeoutMs = duration(this.timeout);
    if (timeoutMs === null) throw new UsageError(`--timeout ${this.timeout}: a duration like 500ms, 30s, 5m`);
    const result = (await this.ask({ do: 'wait', resources: this.resources, fresh: this.fresh, timeoutMs })) as Waited;
    if (this.json || result.ok) this.print(result, `${this.fresh ? 'live' : 'ready'}\n`);
    if (result.ok) return 0;
    const { complaint } = await import('../session/complaint.ts');
    if (!this.json) for (const problem of result.problems) process.stderr.write(complaint(problem));
    return 5;
  }
}
