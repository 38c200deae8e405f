// The NDJSON stream read back: records in order, and the state they add up to.
import jsonPatch from 'fast-json-patch';
import type { Problem } from '../../src/model/problems/problem.ts';
import type { PublicState } from '../../src/model/public-state.ts';

export interface LogRecord {
  readonly type: 'log';
  readonly resource: string;
  readonly source: 'build' | 'runtime' | 'engine';
  readonly level: string;
  readonly text: string;
  readonly pod?: string;
}

export interface Verdict {
  readonly type: 'verdict';
  readonly ok: boolean;
  readonly exitCode: number;
  readonly problems: readonly Problem[];
}

export type StreamRecord = { readonly seq: number; readonly at: number } & (
  | {
      readonly type: 'session';
      readonly version: number;
      readonly runId: string;
      readonly pid: number;
      readonly dir: string;
      readonly socket: string;
    }
  | { readonly type: 'state'; readonly state: PublicState }
  | { readonly type: 'patch'; readonly cause: string; readonly patch: readonly jsonPatch.Operation[] }
  | LogRecord
  | Verdict
);

/** Records kept for the message of a failed wait. */
const KEPT = 60;
/** Log lines kept: the last of a session, for asserting on what was printed. */
const KEPT_LOGS = 20_000;

export class Records {
  state: PublicState | null = null;
  session: Extract<StreamRecord, { type: 'session' }> | null = null;
  verdict: Verdict | null = null;
  readonly logs: LogRecord[] = [];
  readonly recent: string[] = [];
  private next = 0;

  /** Takes one line of stdout. Throws where the stream breaks its own rules. */
  take(line: string): void {
    const record = JSON.parse(line) as StreamRecord;
    if (this.next > 0 && record.seq !== this.next) throw new Error(`seq ${record.seq} follows ${this.next - 1}`);
    if (this.verdict !== null) throw new Error(`a record after the verdict: ${line}`);
    this.next = record.seq + 1;
    this.recent.push(line.length > 600 ? `${line.slice(0, 600)}…` : line);
    if (this.recent.length > KEPT) this.recent.shift();
    this.apply(record);
  }

  private apply(record: StreamRecord): void {
    if (record.type === 'session') this.session = record;
    if (record.type === 'state') this.state = record.state;
    if (record.type === 'patch') {
      if (this.state === null) throw new Error('a patch before the first state');
      // A copy: predicates may keep the state they saw.
      this.state = jsonPatch.applyPatch(structuredClone(this.state), record.patch, true, true).newDocument;
    }
    if (record.type === 'log') {
      this.logs.push(record);
      if (this.logs.length > KEPT_LOGS) this.logs.shift();
    }
    if (record.type === 'verdict') this.verdict = record;
  }
}
