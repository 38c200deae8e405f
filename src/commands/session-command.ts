// Options of `up` and `ci`: what to bring up, and how changes are brought in.
import { Option, UsageError } from 'clipanion';
import type { Overrides } from '../model/config/overrides.ts';
import { limits } from '../model/limits.ts';
import type { ContainersAnew, UpdateMode } from '../model/run.ts';
import { hintFor } from '../model/text/nearest.ts';
import type { EndRule } from '../session/end/end-rule.ts';
import type { ViewKind } from '../session/views.ts';
import { SluiceCommand } from './command.ts';

const modes: readonly string[] = ['auto', 'image', 'naive', 'synclet', 'exec', 'container'];

export abstract class UpdatingCommand extends SluiceCommand {
  override readonly unread = 'drains';
  resources = Option.Rest({ name: 'resource' });
  updateMode = Option.String('--update-mode', 'auto', {
    description: 'auto, image, naive, synclet, exec or container: forces how changes are brought in',
  });
  adopt = Option.Boolean('--adopt', false, {
    description: 'Take over objects of the manifests that kubectl, helm or another tool made',
  });
  json = Option.Boolean('--json', false, { description: 'State, patches and logs as NDJSON on stdout, nothing else' });
  logs = Option.Boolean('--logs', true, { description: '--no-logs leaves log lines out of the stream' });
  record = Option.String('--record', { description: 'Write every fact to this file, for replay and bug reports' });

  timeout = Option.String('--timeout', {
    description: 'Give up when not all is up after this long (30m by default; 0: never)',
  });
  retries = Option.String('--retries', {
    description: 'Crashes of one container, or failed pods of one Job, that are forgiven (3 by default)',
  });

  /** When a session that is to end by itself does so. */
  protected async endRule(stable: string): Promise<EndRule> {
    const retries = Number(this.retries ?? limits.retries);
    if (!Number.isInteger(retries) || retries < 0 || this.retries?.trim() === '')
      throw new UsageError(`--retries ${this.retries} is no whole number\nwrite one from 0`);
    const { duration, durationHint } = await import('../config/values/duration.ts');
    const ms = (flag: string, value: string): number => {
      const parsed = value === '0' ? 0 : duration(value);
      if (parsed === null)
        throw new UsageError(`${flag} ${value} is no duration like 500ms, 30s, 5m\n${durationHint(value)}`);
      return parsed;
    };
    return { timeoutMs: ms('--timeout', this.timeout ?? '30m'), stableMs: ms('--stable', stable), retries };
  }

  protected async session(
    view: ViewKind,
    until: EndRule | null,
    extra: {
      readonly stdin?: boolean;
      readonly junit?: string;
      readonly containers?: ContainersAnew;
      readonly removeOrphans?: boolean;
      readonly asked?: Overrides;
    } = {},
  ): Promise<number> {
    if (!modes.includes(this.updateMode))
      throw new UsageError(`--update-mode ${this.updateMode}: ${hintFor(this.updateMode, modes, 'it is one of')}`);
    const [{ runSession }, { configFile }] = await Promise.all([
      import('../session/session.ts'),
      import('../session/config-file.ts'),
    ]);
    return runSession({
      file: await configFile(this.file ?? null),
      context: this.kubeContext ?? null,
      namespace: this.namespace ?? null,
      only: this.resources,
      updateMode: this.updateMode as UpdateMode,
      adopt: this.adopt,
      containers: extra.containers ?? { recreate: false, renewVolumes: false },
      removeOrphans: extra.removeOrphans ?? false,
      asked: { ...extra.asked, services: this.resources },
      view,
      logs: this.logs,
      color: this.wantsColor,
      verbose: this.verbose,
      stdin: extra.stdin ?? false,
      record: this.record ?? null,
      until,
      junit: extra.junit ?? null,
      env: this.env,
    });
  }
}
