// The log pane's errands: reads what is to be drawn, scrolls, searches. Long ones run one at a time and are dropped when
// a newer one makes them pointless.
import { limits } from '../../../model/limits.ts';
import type { LogFilter, LogLine, LogReader } from '../../../model/log.ts';
import { isAbort, isProblemError } from '../../../model/problems/problem.ts';
import { type Anchor, type Effect, filterOf, type Model, type Msg } from '../model.ts';
import { listedMatches } from '../update.ts';
import { matchingLines } from './matches.ts';
import { anchorNow, around, firstAnchor, paneHeight, readPane, reads, scrolled, searchStart } from './window.ts';

type Find = Extract<Effect, { do: 'find' }>;
type LogEffect = Extract<Effect, { do: 'scroll' | 'scroll to' | 'find' | 'count matches' }>;

export interface LogController {
  /** The model with the lines to draw now. */
  filled(model: Model): Model;
  /** How many of these lines the pane would show, and does it change what is drawn? */
  arrived(lines: readonly LogLine[]): void;
  run(effect: LogEffect): void;
  /** Text of the lines from one to another, at most `bytes` of it. */
  text(from: number, to: number, bytes: number): Promise<string>;
  stop(): void;
}

const ranks = { debug: 0, info: 1, warn: 2, error: 3 } as const;

/** Does a line pass? The same rule the store has, for lines that just came. */
export function passes(line: LogLine, filter: LogFilter): boolean {
  return (
    (!filter.resources || filter.resources.includes(line.resource)) &&
    (!filter.sources || filter.sources.includes(line.source)) &&
    (!filter.level || ranks[line.level] >= ranks[filter.level]) &&
    (!filter.pods || (line.pod !== undefined && filter.pods.includes(line.pod))) &&
    (!filter.containers || (line.container !== undefined && filter.containers.includes(line.container)))
  );
}

const keyOf = (model: Model) => JSON.stringify([filterOf(model), model.log.anchor?.seq, paneHeight(model)]);

const afresh = (old: AbortController) => {
  old.abort();
  return new AbortController();
};

class Errands implements LogController {
  private readonly logs: LogReader;
  private readonly modelNow: () => Model;
  private readonly send: (msg: Msg) => void;
  private readonly ended = new AbortController();
  private errand = new AbortController();
  private counting = new AbortController();
  private found: Promise<void> = Promise.resolve();
  private seeks = 0;
  private rows = 0;
  private scrolling = false;
  /** Lines read from the spill for an anchor that memory no longer has. */
  private kept: { readonly key: string; readonly lines: readonly LogLine[] } | null = null;
  private fetching = '';

  constructor(logs: LogReader, modelNow: () => Model, send: (msg: Msg) => void) {
    this.logs = logs;
    this.modelNow = modelNow;
    this.send = send;
  }

  filled(model: Model): Model {
    const { lines, missing } = readPane(model, this.logs);
    const key = missing ? keyOf(model) : '';
    if (missing && this.kept?.key !== key && this.fetching !== key) this.guarded(this.fetchSpilled(model, key));
    if (!missing) this.kept = null;
    return { ...model, log: { ...model.log, lines: missing ? (this.kept?.lines ?? model.log.lines) : lines } };
  }

  arrived(lines: readonly LogLine[]): void {
    const filter = filterOf(this.modelNow());
    const shown = lines.filter((line) => passes(line, filter));
    if (shown.length === 0) return;
    const { search } = this.modelNow().log;
    const matches = search ? matchingLines(shown, search.pattern).map((line) => line.seq) : [];
    this.send({ is: 'log/arrived', count: shown.length, matches });
  }

  run(effect: LogEffect): void {
    if (effect.do === 'scroll') this.scrollBy(effect.rows);
    else if (effect.do === 'find') this.seek(effect);
    else if (effect.do === 'count matches') this.guarded(this.count());
    else if (effect.end === 'last') this.moveTo(null);
    else this.guarded(firstAnchor(this.modelNow(), this.logs, this.ended.signal).then((anchor) => this.moveTo(anchor)));
  }

  async text(from: number, to: number, bytes: number): Promise<string> {
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    const filter = filterOf(this.modelNow());
    const { lines } = await this.logs.readAll(filter, first, 5_000, 'forward', this.ended.signal);
    const plain = lines.filter((line) => line.seq <= last).map((line) => line.text.replace(/\x1b\[[\d;:]*m/g, ''));
    const text = Buffer.from(plain.join('\n'));
    return text.length <= bytes ? text.toString() : text.toString('utf8', 0, text.lastIndexOf('\n', bytes));
  }

  stop(): void {
    for (const controller of [this.ended, this.errand, this.counting]) controller.abort();
  }

  private moveTo(anchor: Anchor): void {
    this.send({ is: 'log/anchor', anchor });
  }

  private guarded(work: Promise<unknown>): void {
    void work.catch((error: unknown) => {
      if (isAbort(error) || this.ended.signal.aborted) return;
      if (isProblemError(error) && this.modelNow().log.search) this.send({ is: 'log/failed', text: error.message });
      else this.send({ is: 'notice', text: `log history: ${(error as Error).message}`, tone: 'bad' });
    });
  }

  private async fetchSpilled(model: Model, key: string): Promise<void> {
    this.fetching = key;
    const from = model.log.anchor!.seq;
    const rows = paneHeight(model) + 1;
    const { lines } = await this.logs.readAll(filterOf(model), from, rows, 'forward', this.ended.signal);
    this.kept = { key, lines };
    this.fetching = '';
    this.moveTo(this.modelNow().log.anchor);
  }

  private scrollBy(rows: number): void {
    this.rows += rows;
    if (rows === 0) this.moveTo(anchorNow(this.modelNow(), this.logs));
    else this.guarded(this.scroll());
  }

  /** Scrolls asked for while one is under way add up. */
  private async scroll(): Promise<void> {
    if (this.scrolling) return;
    this.scrolling = true;
    try {
      do {
        const by = this.rows;
        this.rows = 0;
        this.moveTo(await scrolled(this.modelNow(), this.logs, by, reads(this.logs, this.ended.signal)));
      } while (this.rows !== 0);
    } finally {
      this.scrolling = false;
    }
  }

  /** A new search ends the one before; one that goes on from there waits for where that comes to. */
  private seek(effect: Find): void {
    if (effect.from === 'edge') {
      this.errand = afresh(this.errand);
      this.found = Promise.resolve();
      this.seeks = 0;
    } else if (this.seeks >= limits.searchesQueued) return;
    this.seeks += 1;
    const stop = this.errand.signal;
    const work = this.found.then(() => this.find(effect, stop)).finally(() => !stop.aborted && this.seeks--);
    this.found = work.catch(() => {});
    this.guarded(work);
  }

  private async find(effect: Find, stop: AbortSignal): Promise<void> {
    if (stop.aborted) return;
    const { logs } = this;
    const model = this.modelNow();
    const { search } = model.log;
    if (effect.what === 'match' && !search) return;
    const filter: LogFilter =
      effect.what === 'error'
        ? { ...filterOf(model), level: 'error' }
        : { ...filterOf(model), pattern: search!.pattern };
    const back = effect.direction === 'back';
    let line = await logs.search(filter, searchStart(model, effect), effect.direction, stop);
    const wrapped = line === null && effect.from === 'here';
    if (wrapped) line = await logs.search(filter, back ? Number.MAX_SAFE_INTEGER : -1, effect.direction, stop);
    if (stop.aborted) return;
    const anchor: Anchor = line ? await around(this.modelNow(), line.seq, reads(logs, stop)) : null;
    if (!stop.aborted) this.send({ is: 'log/found', what: effect.what, seq: line?.seq ?? null, anchor, wrapped });
  }

  private async count(): Promise<void> {
    this.counting = afresh(this.counting);
    const stop = this.counting.signal;
    const model = this.modelNow();
    if (!model.log.search) return;
    const filter = { ...filterOf(model), pattern: model.log.search.pattern };
    const { count, seqs } = await this.logs.searchAll(filter, listedMatches, stop);
    if (!stop.aborted) this.send({ is: 'log/counted', count, seqs: count > listedMatches ? [] : seqs });
  }
}

export const logController = (logs: LogReader, modelNow: () => Model, send: (msg: Msg) => void): LogController =>
  new Errands(logs, modelNow, send);
