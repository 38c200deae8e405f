// A service as one command of it runs: what the command line says takes the place of what the Compose file does, as with
// `docker compose run`.
import { UsageError } from 'clipanion';
import { wordsOf } from '../../config/compose/forms/command-line.ts';
import type { Form, Writing } from '../../config/compose/forms/forms.ts';
import { list, pairs } from '../../config/compose/forms/forms.ts';
import { port, volume } from '../../config/compose/forms/mounts.ts';
import type { ComposeMount, ComposePort, ComposeService } from '../../model/compose.ts';
import type { ComposeSpec } from '../../model/config.ts';

export interface OneOff {
  /** Empty: what the service itself runs. */
  readonly cmd: readonly string[];
  /** As one line; empty for none at all, null for the service's own. */
  readonly entrypoint: string | null;
  /** `NAME=value`. */
  readonly variables: readonly string[];
  readonly user: string | null;
  readonly dir: string | null;
  /** In the short form of Compose. */
  readonly volumes: readonly string[];
  readonly ports: readonly string[];
  /** Those of the service. */
  readonly hasPorts: boolean;
  /** `KEY=value`. */
  readonly labels: readonly string[];
  readonly capabilities: { readonly add: readonly string[]; readonly drop: readonly string[] };
  readonly isInteractive: boolean;
}

/** Neither its ports nor its restarts nor its name: a one-off runs beside the service. `cwd`: what paths of volumes are relative to. */
export function oneOffOf(spec: ComposeSpec, asked: OneOff, tty: boolean, cwd: string): ComposeSpec {
  const { restart: _, container_name: __, healthcheck: ___, ports, ...config } = spec.config;
  const { user, dir } = asked;
  const mounts = parsed<ComposeMount>('--volume', volume, asked.volumes, cwd);
  const published = asked.hasPorts ? ports : parsed<ComposePort>('--publish', port, asked.ports, cwd);
  const made: ComposeService = {
    ...config,
    ...commandOf(config, asked),
    ...(user ? { user } : {}),
    ...(dir ? { working_dir: dir } : {}),
    ...(published && published.length > 0 ? { ports: published } : {}),
    ...(mounts.length > 0 ? { volumes: [...replacedBy(mounts, config.volumes), ...mounts] } : {}),
    ...capabilitiesOf(config, asked),
    tty,
    stdin_open: asked.isInteractive,
    environment: { ...config.environment, ...(pairs(null)(asked.variables, writing('--env', cwd)) as object) },
    labels: { ...config.labels, ...labelsOf(asked.labels) },
  };
  return { ...spec, config: made.deploy ? { ...made, deploy: withoutRestarts(made.deploy) } : made };
}

/** An entrypoint of one's own is not given the command that was written for another. */
function commandOf(
  { command, entrypoint }: ComposeService,
  asked: OneOff,
): Pick<ComposeService, 'command' | 'entrypoint'> {
  if (asked.entrypoint === null) return { command: asked.cmd.length > 0 ? asked.cmd : command, entrypoint };
  const words = wordsOf(asked.entrypoint);
  if (words === null) throw new UsageError(`--entrypoint: a quote does not close\nwrite another one at its end`);
  return { command: asked.cmd, entrypoint: words };
}

/** What is mounted at the same place gives way. */
const replacedBy = (mounts: readonly ComposeMount[], own: readonly ComposeMount[] = []): readonly ComposeMount[] =>
  own.filter(({ target }) => mounts.every((mount) => mount.target !== target));

function capabilitiesOf(config: ComposeService, { capabilities: { add, drop } }: OneOff) {
  const without = (all: readonly string[] = [], other: readonly string[]) =>
    all.filter((each) => !other.includes(each));
  if (add.length + drop.length === 0) return {};
  return {
    cap_add: [...without(config.cap_add, drop), ...add],
    cap_drop: [...without(config.cap_drop, add), ...drop],
  };
}

function withoutRestarts({ restart_policy: _, ...deploy }: NonNullable<ComposeService['deploy']>) {
  return deploy;
}

function labelsOf(given: readonly string[]): Readonly<Record<string, string>> {
  const bare = given.find((label) => !label.includes('='));
  if (bare !== undefined) throw new UsageError(`--label ${bare} has no value\nwrite --label ${bare}=VALUE`);
  return pairs('')(given, writing('--label', '')) as Readonly<Record<string, string>>;
}

const parsed = <T>(flag: string, form: Form, given: readonly string[], cwd: string): readonly T[] =>
  list(form)(given, writing(flag, cwd)) as readonly T[];

const writing = (flag: string, dir: string): Writing => ({
  dir,
  trail: [],
  fail: (what, hint) => {
    throw new UsageError(`${flag}: ${what}\n${hint}`);
  },
});
