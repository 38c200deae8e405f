// Secrets and configs whose content is written in the Compose file or stands in a variable: files that are put into a
// container between its making and its start.
import type { ComposeFileReference, ComposeSecret } from '../../../model/compose.ts';
import type { ComposeSpec } from '../../../model/config.ts';
import { ProblemError } from '../../../model/problems/problem.ts';
import { lookup } from '../../../model/text/lookup.ts';

export interface GivenFile {
  /** Absolute, in the container. */
  readonly path: string;
  readonly content: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

export const secretPlace = ({ source, target }: ComposeFileReference): string =>
  target?.startsWith('/') ? target : `/run/secrets/${target ?? source}`;

export const configPlace = ({ source, target }: ComposeFileReference): string =>
  target?.startsWith('/') ? target : `/${target ?? source}`;

/** `env`: of this session; its values are read here and nowhere kept. */
export function givenFiles(spec: ComposeSpec, env: Environment): readonly GivenFile[] {
  const { config, secrets, configs } = spec;
  return [
    ...(config.configs ?? []).flatMap((given) =>
      fileOf('config', given, lookup(configs, given.source), configPlace(given), spec, env),
    ),
    ...(config.secrets ?? []).flatMap((given) =>
      fileOf('secret', given, lookup(secrets, given.source), secretPlace(given), spec, env),
    ),
  ];
}

function fileOf(
  kind: 'secret' | 'config',
  given: ComposeFileReference,
  defined: ComposeSecret | undefined,
  path: string,
  spec: ComposeSpec,
  env: Environment,
): readonly GivenFile[] {
  if (defined?.file) return [];
  const refuse = (why: string, hint: string): never => {
    throw new ProblemError({
      kind: 'yours',
      code: 'S376',
      what: `${spec.service}: the ${kind} ${given.source} ${why}`,
      hint,
      at: spec.at,
    });
  };
  if (!defined) return refuse('is not defined', `define it under ${kind}s: at the top of the Compose file`);
  if (defined.external)
    return refuse('is external: only a swarm keeps those', 'give it a file, a variable or a content');
  const content = defined.content ?? lookup(env, defined.environment ?? '');
  if (content === undefined)
    return refuse(`is in the variable ${defined.environment ?? ''}, which is not set`, 'set it, or write it into .env');
  const { uid = '0', gid = '0', mode = '0444' } = given;
  return [{ path, content, uid: Number(uid), gid: Number(gid), mode: Number.parseInt(mode, 8) }];
}
