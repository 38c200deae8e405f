// Docker's progress streams: one JSON object a line. Both followProgress helpers of dockerode hide errors, so this reads.
import type { Readable } from 'node:stream';
import { limits } from '../../../model/limits.ts';
import { ProblemError } from '../../../model/problems/problem.ts';
import { lineSplitter } from '../../../model/text/line-splitter.ts';

/** What sluice reads of a line; build, push and events share the form. */
export interface StreamRecord {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progress?: string;
  readonly progressDetail?: { readonly current?: unknown; readonly total?: unknown };
  readonly aux?: unknown;
  readonly error?: string;
  readonly errorDetail?: { readonly code?: number; readonly message?: string };
  readonly [key: string]: unknown;
}

/** Ends with the stream, which proves nothing: a killed daemon ends it too. Rejects on a lost connection. */
export async function* jsonLines(source: Readable): AsyncGenerator<StreamRecord> {
  const lines: Buffer[] = [];
  let isTooLong = false;
  const splitter = lineSplitter(limits.dockerLineBytes, (line, cut) => {
    isTooLong ||= cut > 0;
    if (!isTooLong) lines.push(line);
  });
  for await (const chunk of source as AsyncIterable<Buffer>) {
    splitter.push(chunk);
    for (const line of lines.splice(0)) yield* record(line);
    if (isTooLong || splitter.cut > 0) throw unreadable(`a line of more than ${limits.dockerLineBytes} bytes`);
  }
  splitter.end();
  for (const line of lines) yield* record(line);
}

function* record(line: Buffer): Generator<StreamRecord> {
  const text = line.toString('utf8').trim();
  if (text === '') return;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable('a line that is no JSON');
  }
  if (typeof value === 'object' && value !== null) yield value as StreamRecord;
}

const unreadable = (what: string): ProblemError =>
  new ProblemError({
    kind: 'step',
    code: 'S207',
    what: `Docker sent ${what}`,
    hint: 'is something else listening at this address?',
  });
