// A log reader over lines in an array, with what the view needs of the contract.
import { Subject } from 'rxjs';
import type { LogFilter, LogLine, LogReader } from '../../../src/model/log.ts';
import { passes } from '../../../src/view/tui/log/controller.ts';
import { matchingLines } from '../../../src/view/tui/log/matches.ts';
import { noon } from './states.ts';

export interface MemoryLog extends LogReader {
  add(...lines: Partial<LogLine>[]): void;
  clear(resource: string): void;
}

/** Lines below `spilled` are only found by the reads that include the spill. */
export function memoryLog(spilled = 0): MemoryLog {
  let lines: LogLine[] = [];
  let next = 1;
  const lines$ = new Subject<readonly LogLine[]>();
  const shown = (filter: LogFilter, all: boolean) =>
    lines.filter(
      (line) =>
        (all || line.seq >= spilled) &&
        passes(line, filter) &&
        (!filter.pattern || matchingLines([line], filter.pattern).length > 0),
    );
  const read = (filter: LogFilter, seq: number, count: number, direction: 'forward' | 'back', all: boolean) => {
    const side = shown(filter, all).filter((line) => (direction === 'forward' ? line.seq >= seq : line.seq <= seq));
    const window = direction === 'forward' ? side.slice(0, count) : side.slice(-count);
    const rest = shown(filter, true);
    return {
      lines: window,
      before: rest.some((line) => line.seq < (window[0]?.seq ?? (direction === 'back' ? seq + 1 : seq))),
      after: rest.some((line) => line.seq > (window.at(-1)?.seq ?? seq)),
    };
  };
  return {
    lines$,
    add(...added) {
      const made = added.map(
        (line): LogLine => ({
          seq: next++,
          at: noon,
          resource: 'web',
          source: 'runtime',
          level: 'info',
          text: '',
          ...line,
        }),
      );
      lines.push(...made);
      lines$.next(made);
    },
    clear(resource) {
      lines = lines.filter((line) => line.resource !== resource);
    },
    tail: (filter, count) => read(filter, Number.MAX_SAFE_INTEGER, count, 'back', false),
    read: (filter, seq, count, direction) => read(filter, seq, count, direction, false),
    readAll: async (filter, seq, count, direction) => read(filter, seq, count, direction, true),
    search: async (filter, seq, direction) => {
      const found = shown(filter, true);
      return (
        (direction === 'forward' ? found.find((line) => line.seq > seq) : found.findLast((line) => line.seq < seq)) ??
        null
      );
    },
    searchAll: async (filter, most) => {
      const found = shown(filter, true);
      return { count: found.length, seqs: found.slice(-most).map((line) => line.seq) };
    },
    stats: (resource) => ({ lines: lines.filter((line) => line.resource === resource).length, bytes: 0 }),
    get range() {
      return { first: Math.max(spilled, lines[0]?.seq ?? 0), last: next - 1 };
    },
  };
}

const story: readonly Partial<LogLine>[] = [
  { resource: 'web', source: 'build', text: '#5 [2/9] COPY package.json .' },
  { resource: 'web', source: 'build', text: '#6 [5/9] RUN npm ci' },
  { resource: 'web', pod: 'web-6c9f7d8b54-2xkqp', container: 'main', text: '\x1b[32mGET\x1b[0m /cart 200 12ms' },
  { resource: 'api', source: 'build', level: 'error', text: './main.go:41:9: undefined: handlr' },
  { resource: 'db', pod: 'db-0', container: 'main', text: 'checkpoint complete: wrote 42 buffers' },
  {
    resource: 'web',
    pod: 'web-6c9f7d8b54-8zzt4',
    container: 'main',
    level: 'warn',
    text: "slow query: 1203ms SELECT * FROM carts WHERE id = $1 AND state IN ('open', 'held') ORDER BY updated_at DESC LIMIT 50",
  },
  {
    resource: 'web',
    pod: 'web-6c9f7d8b54-2xkqp',
    container: 'main',
    text: '漢字 and emoji 🎉 👨‍👩‍👧 flags 🇩🇪 e\u0301 stay in line │',
  },
  {
    resource: 'worker',
    pod: 'worker-5b8c7d9f4-k2j9d',
    container: 'main',
    level: 'error',
    text: 'panic: no queue named "orders"',
  },
];

/** A few minutes of the shop's log. */
export function shopLog(log: MemoryLog = memoryLog()): MemoryLog {
  for (let i = 0; i < 8; i++)
    log.add(...story.map((line, k) => ({ ...line, at: noon - 80_000 + i * 9_000 + k * 700 })));
  return log;
}
