// Docker's progress streams: one JSON object a line. Both followProgress helpers of dockerode hide errors, so this reads.
import type { Readable } from 'node:stream';
import { limits } from '../../model/limits.ts';
import { ProblemError } from '../../model/problem.ts';

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
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield* record(Buffer.concat([...parts, chunk.subarray(from, end)]));
      parts = [];
      size = 0;
      from = end + 1;
    }
    parts.push(chunk.subarray(from));
    size += chunk.length - from;
    if (size > limits.dockerLineBytes) throw unreadable(`a line of more than ${limits.dockerLineBytes} bytes`);
  }
  yield* record(Buffer.concat(parts));
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
