// Which lines a reader asked for; the pattern aside, which is matched many lines at a time (pattern.ts).
import type { LogFilter, LogLevel, LogLine } from '../model/log.ts';

export type Accepts = (line: Omit<LogLine, 'text'>) => boolean;

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Null when every line of the resources asked for is wanted. */
export function acceptsOf(filter: LogFilter): Accepts | null {
  const { level } = filter;
  const pods = filter.pods && new Set(filter.pods);
  const containers = filter.containers && new Set(filter.containers);
  const sources = filter.sources && new Set(filter.sources);
  const runs = filter.runs && new Set(filter.runs);
  const lowest = level === undefined ? 0 : rank[level];
  if (!pods && !containers && !sources && !runs && lowest === 0) return null;
  return (line) =>
    rank[line.level] >= lowest &&
    (!sources || sources.has(line.source)) &&
    (!runs || (line.run !== undefined && runs.has(line.run))) &&
    (!pods || (line.pod !== undefined && pods.has(line.pod))) &&
    (!containers || (line.container !== undefined && containers.has(line.container)));
}
