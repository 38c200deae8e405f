// One record of the NDJSON stream as a line: always valid JSON, never with a secret in it.
import { withoutColours } from '../logs/lines/ansi.ts';
import { scrubbedJson } from '../logs/scrub/scrub-json.ts';
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

/** Without a secret in any of its strings. */
export function recordLine(body: Body, seq: number, at: number, scrub: (text: string) => string): string {
  const { type, ...fields } = body;
  return `${scrubbedJson({ type, seq, at, ...fields }, scrub)}\n`;
}
