// The log pane's errands: reads what is to be drawn, scrolls, searches. Long ones run one at a time and are dropped when
// a newer one makes them pointless.
import type { LogFilter, LogLine, LogReader } from '../../model/log.ts';
import { isAbort, isProblemError } from '../../model/problem.ts';
import { anchorNow, around, firstAnchor, paneHeight, readPane, reads, scrolled, searchStart } from './logwindow.ts';
import { matchingLines } from './matches.ts';
import { type Anchor, type Effect, filterOf, type Model, type Msg } from './model.ts';
import { listedMatches } from './update.ts';

export interface LogController {
  /** The model with the lines to draw now. */
  filled(model: Model): Model;
  /** How many of these lines the pane would show, and does it change what is drawn? */
  arrived(lines: readonly LogLine[]): void;
  run(effect: Extract<Effect, { do: 'scroll' | 'scroll to' | 'find' | 'count matches' }>): void;
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

export function logController(logs: LogReader, modelNow: () => Model, send: (msg: Msg) => void): LogController {
  const ended = new AbortController();
  let errand = new AbortController();
  let counting = new AbortController();
  let rows = 0;
  let scrolling = false;
  /** Lines read from the spill for an anchor that memory no longer has. */
  let kept: { readonly key: string; readonly lines: readonly LogLine[] } | null = null;
  let fetching = '';

  const keyOf = (model: Model) => JSON.stringify([filterOf(model), model.log.anchor?.seq, paneHeight(model)]);
  const guarded = (work: Promise<unknown>) =>
    void work.catch((error: unknown) => {
      if (isAbort(error) || ended.signal.aborted) return;
      if (isProblemError(error) && modelNow().log.search) send({ is: 'log/failed', text: error.message });
      else send({ is: 'notice', text: `log history: ${(error as Error).message}`, tone: 'bad' });
    });
  const afresh = (old: AbortController) => {
    old.abort();
    return new AbortController();
  };

  async function fetchSpilled(model: Model, key: string): Promise<void> {
    fetching = key;
    const { lines } = await logs.readAll(
      filterOf(model),
      model.log.anchor!.seq,
      paneHeight(model) + 1,
      'forward',
      ended.signal,
    );
    kept = { key, lines };
    fetching = '';
    send({ is: 'log/anchor', anchor: modelNow().log.anchor });
  }

  /** Scrolls asked for while one is under way add up. */
  async function scroll(): Promise<void> {
    if (scrolling) return;
    scrolling = true;
    try {
      do {
        const by = rows;
        rows = 0;
        send({ is: 'log/anchor', anchor: await scrolled(modelNow(), logs, by, reads(logs, ended.signal)) });
      } while (rows !== 0);
    } finally {
      scrolling = false;
    }
  }

  async function find(effect: Extract<Effect, { do: 'find' }>): Promise<void> {
    errand = afresh(errand);
    const stop = errand.signal;
    const model = modelNow();
    const search = model.log.search;
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
    const anchor: Anchor = line ? await around(modelNow(), line.seq, reads(logs, stop)) : null;
    if (!stop.aborted) send({ is: 'log/found', what: effect.what, seq: line?.seq ?? null, anchor, wrapped });
  }

  async function count(): Promise<void> {
    counting = afresh(counting);
    const stop = counting.signal;
    const model = modelNow();
    if (!model.log.search) return;
    const found = await logs.searchAll({ ...filterOf(model), pattern: model.log.search.pattern }, listedMatches, stop);
    if (!stop.aborted)
      send({ is: 'log/counted', count: found.count, seqs: found.count > listedMatches ? [] : found.seqs });
  }

  return {
    filled(model) {
      const { lines, missing } = readPane(model, logs);
      const key = missing ? keyOf(model) : '';
      if (missing && kept?.key !== key && fetching !== key) guarded(fetchSpilled(model, key));
      if (!missing) kept = null;
      return { ...model, log: { ...model.log, lines: missing ? (kept?.lines ?? model.log.lines) : lines } };
    },
    arrived(lines) {
      const filter = filterOf(modelNow());
      const shown = lines.filter((line) => passes(line, filter));
      if (shown.length === 0) return;
      const { search } = modelNow().log;
      const matches = search ? matchingLines(shown, search.pattern).map((line) => line.seq) : [];
      send({ is: 'log/arrived', count: shown.length, matches });
    },
    run(effect) {
      switch (effect.do) {
        case 'scroll':
          rows += effect.rows;
          return guarded(
            effect.rows === 0
              ? Promise.resolve(send({ is: 'log/anchor', anchor: anchorNow(modelNow(), logs) }))
              : scroll(),
          );
        case 'scroll to':
          if (effect.end === 'last') return send({ is: 'log/anchor', anchor: null });
          return guarded(
            firstAnchor(modelNow(), logs, ended.signal).then((anchor) => send({ is: 'log/anchor', anchor })),
          );
        case 'find':
          return guarded(find(effect));
        case 'count matches':
          return guarded(count());
      }
    },
    async text(from, to, bytes) {
      const [first, last] = [Math.min(from, to), Math.max(from, to)];
      const { lines } = await logs.readAll(filterOf(modelNow()), first, 5_000, 'forward', ended.signal);
      const plain = lines.filter((line) => line.seq <= last).map((line) => line.text.replace(/\x1b\[[\d;:]*m/g, ''));
      const text = Buffer.from(plain.join('\n'));
      return text.length <= bytes ? text.toString() : text.toString('utf8', 0, text.lastIndexOf('\n', bytes));
    },
    stop() {
      for (const controller of [ended, errand, counting]) controller.abort();
    },
  };
}
