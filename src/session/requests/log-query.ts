// Which log lines a request asks for.
import { duration, durationHint } from '../../config/values/duration.ts';
import { escapeHint, expressionFault } from '../../config/values/regular-expression.ts';
import { limits } from '../../model/limits.ts';
import type { LogFilter, LogLevel, LogSource } from '../../model/log.ts';
import type { Problem } from '../../model/problems/problem.ts';
import { shortened } from '../../model/text/cut.ts';
import { hintFor } from '../../model/text/nearest.ts';

export interface LogQuery {
  readonly filter: LogFilter;
  /** Lines, at most limits.requestLogLines. */
  readonly tail: number;
  /** ms epoch: older lines are left out. */
  readonly since: number;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const sources: readonly LogSource[] = ['build', 'runtime', 'engine'];

/**
 * `now` in ms since the epoch; `containers` that there are, null where that is not known. A word that is none of those there are is
 * a problem with the nearest one.
 */
export function logQuery(
  request: Readonly<Record<string, unknown>>,
  resources: readonly string[],
  now: number,
  containers: readonly string[] | null = null,
): LogQuery | { problem: Problem } {
  const { level, source, container, grep, since, tail } = request;
  if (level !== undefined && !levels.includes(level as LogLevel)) return notOne('level', level, levels);
  if (source !== undefined && !sources.includes(source as LogSource)) return notOne('source', source, sources);
  if (typeof container === 'string' && containers !== null && !containers.includes(container))
    return notOne('container', container, containers);
  const fault = typeof grep === 'string' ? expressionFault(grep) : null;
  if (fault !== null)
    return wrong(`grep: ${shortened(String(grep), 60)} is no regular expression: ${fault}`, escapeHint);
  const pattern = typeof grep === 'string' ? new RegExp(grep) : null;
  const isText = typeof since === 'string' || typeof since === 'number';
  const age = isText ? duration(since) : null;
  if (since !== undefined && age === null)
    return wrong(
      `since: ${String(since).slice(0, 50)} is no duration`,
      isText ? durationHint(since) : 'such as 30s or 5m',
    );
  const count = typeof tail === 'number' && tail >= 1 ? Math.floor(tail) : limits.requestLogLines;
  return {
    filter: {
      ...(resources.length > 0 ? { resources } : {}),
      ...(level === undefined ? {} : { level: level as LogLevel }),
      ...(source === undefined ? {} : { sources: [source as LogSource] }),
      ...(typeof container === 'string' ? { containers: [container] } : {}),
      ...(pattern ? { pattern } : {}),
    },
    tail: Math.min(count, limits.requestLogLines),
    since: age === null ? 0 : now - age,
  };
}

const wrong = (what: string, hint: string): { problem: Problem } => ({
  problem: { kind: 'yours', code: 'S637', what, hint },
});

const notOne = (key: string, value: unknown, valid: readonly string[]): { problem: Problem } => {
  const text = String(value).slice(0, 50);
  return wrong(`${key} ${text} does not exist`, hintFor(text, valid, 'there are'));
};
