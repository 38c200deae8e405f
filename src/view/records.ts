// One record of the NDJSON stream as a line: always valid JSON, never with a secret in it.
import { withoutColours } from '../logs/ansi.ts';
import type { LogLine } from '../model/log.ts';

export type Body = {
  readonly type: 'session' | 'state' | 'patch' | 'log' | 'answer' | 'verdict';
  readonly [field: string]: unknown;
};

export const logRecord = (line: LogLine): Body => ({
  type: 'log',
  resource: line.resource,
  source: line.source,
  level: line.level,
  text: withoutColours(line.text),
  pod: line.pod,
  container: line.container,
  run: line.run,
});

export const lostRecord = (dropped: number): Body => ({
  type: 'log',
  resource: '',
  source: 'engine',
  level: 'warn',
  text: `${dropped} log lines dropped: the reader of this stream is too slow`,
  dropped,
});

/** Secrets are replaced string by string where the line has one: in the JSON itself a number could be taken for one. */
export function recordLine(body: Body, seq: number, at: number, scrub: (text: string) => string): string {
  const { type, ...fields } = body;
  const line = JSON.stringify({ type, seq, at, ...fields });
  if (scrub(line) === line) return `${line}\n`;
  return `${JSON.stringify({ type, seq, at, ...(scrubbed(fields, scrub) as object) })}
`;
}

/** Keys and JSON pointers stay as they are: they are names, and a patch must still fit. */
function scrubbed(value: unknown, scrub: (text: string) => string, key = ''): unknown {
  if (typeof value === 'string') return key === 'path' && value.startsWith('/') ? value : scrub(value);
  if (Array.isArray(value)) return value.map((each) => scrubbed(each, scrub));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, scrubbed(each, scrub, name)]));
}
