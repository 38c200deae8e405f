// The next model, and what to ask the world for, after something happened. Pure: no clock, no terminal, no log store.
import { commandOf } from './commands.ts';
import { helpLines } from './keys/help.ts';
import { asking, fold, moveBy, select, still, unfolded } from './keys/moves.ts';
import { onOverlayKey, onOverlayPaste } from './keys/overlays.ts';
import { choose, matching } from './lists/choices.ts';
import { troublesOf } from './lists/problems.ts';
import type { Model, Msg, Step } from './model.ts';
import { resourceIn, rowsIn } from './model.ts';
import { alerted } from './outside/alerts.ts';
import { detailRows, indexOfSelected, panesOf, scrolledTo, tableRows } from './paint/panes.ts';

/** Matches whose places are known, for "3 of 120". */
export const listedMatches = 10_000;

/** Keeps what is selected and scrolled to within what there is. */
function settled(step: Step): Step {
  let model = step.model;
  const rows = rowsIn(model);
  if (rows.length > 0 && !rows.some((row) => row.key === model.selected)) {
    const under = model.state?.resources[model.selected?.replace(/^resource /, '') ?? '']?.labels[0];
    const group = rows.find((row) => row.is === 'group' && row.name === under);
    model = select(model, (group ?? rows[0]!).key);
  }
  const top = scrolledTo(model.top, indexOfSelected(model), tableRows(model), rows.length);
  if (top !== model.top) model = { ...model, top };
  if (model.detail && resourceIn(model) === null) model = { ...model, detail: null };
  if (model.detail && model.detail.top > 0) {
    const lowest = Math.max(0, detailRows(model) - tableRows(model));
    if (model.detail.top > lowest) model = { ...model, detail: { top: lowest } };
  }
  const overlay = model.overlay;
  if (overlay?.is === 'problems') {
    const last = Math.max(0, troublesOf(model.state).length - 1);
    if (overlay.index > last) model = { ...model, overlay: { ...overlay, index: last } };
  }
  if (overlay?.is === 'help') {
    const lowest = Math.max(0, helpLines(model).length - (model.height - 4));
    if (overlay.top > lowest) model = { ...model, overlay: { ...overlay, top: lowest } };
  }
  return model === step.model ? step : { model, effects: step.effects };
}

function onKey(model: Model, key: string): Step {
  if (model.overlay) {
    const handled = onOverlayKey(model, model.overlay, key);
    return 'step' in handled ? handled.step : react(handled.model, handled.next);
  }
  const command = commandOf(model.keymap.byKey.get(key) ?? '');
  return command ? command.run(model.notice ? { ...model, notice: null } : model) : still(model);
}

function onWheel(model: Model, y: number, by: number): Step {
  if (model.overlay) return onKey(model, by < 0 ? 'up' : 'down');
  const { upper } = panesOf(model);
  if (!upper || y >= upper.y + upper.height) return asking(model, { do: 'scroll', rows: by * 3 });
  const focused = { ...model, focus: 'table' as const };
  return moveBy(focused, by * (model.detail ? 3 : 1));
}

/** What can be done with a row, at a right click. */
function menu(model: Model, key: string): Step {
  const selected = select({ ...model, focus: 'table' }, key);
  const ids = ['open', 'trigger', 'force', 'cancel', 'restart', 'enable', 'mode', 'endpoint', 'edit', 'clear', 'mark'];
  const choices = ids.map((id) => ({
    label: commandOf(id)!.title,
    detail: (model.keymap.byId.get(id) ?? []).join(' '),
    msg: { is: 'command', id } as const,
  }));
  return choose(selected, key.replace(/^\w+ /, ''), choices);
}

function onFound(model: Model, msg: Extract<Msg, { is: 'log/found' }>): Step {
  const ofSearch = msg.what === 'match';
  const search = model.log.search ? { ...model.log.search, busy: false } : null;
  if (msg.seq === null) {
    return still({
      ...model,
      log: { ...model.log, search },
      notice: { text: ofSearch ? 'no match' : 'no error in the logs', tone: 'info' },
    });
  }
  const log = {
    ...model.log,
    anchor: msg.anchor,
    error: ofSearch ? null : msg.seq,
    search: search && ofSearch ? { ...search, at: msg.seq } : search,
  };
  return still({
    ...model,
    log,
    notice: msg.wrapped
      ? { text: ofSearch ? 'search went round' : 'the last error again', tone: 'info' }
      : model.notice,
  });
}

function onPick(model: Model, index: number): Step {
  const overlay = model.overlay;
  if (overlay?.is === 'choose') {
    const chosen = matching(overlay)[index];
    return chosen ? react({ ...model, overlay: null }, chosen.msg) : still(model);
  }
  if (overlay?.is === 'problems') return onKey({ ...model, overlay: { ...overlay, index } }, 'enter');
  return still(model);
}

/** New lines: counted while the view stands still, and among the matches once those were counted. */
function arrived(model: Model, count: number, matches: readonly number[]): Model {
  const { anchor, fresh, search } = model.log;
  const counted =
    search && search.count !== null && matches.length > 0
      ? {
          ...search,
          count: search.count + matches.length,
          seqs: search.seqs.length === search.count ? [...search.seqs, ...matches].slice(-listedMatches) : [],
        }
      : search;
  return { ...model, log: { ...model.log, fresh: anchor ? fresh + count : 0, search: counted } };
}

function onLog(model: Model, msg: Extract<Msg, { is: `log/${string}` }>): Step {
  switch (msg.is) {
    case 'log/arrived':
      return still(arrived(model, msg.count, msg.matches));
    case 'log/failed':
      return still({ ...model, log: { ...model.log, search: null }, notice: { text: msg.text, tone: 'bad' } });
    case 'log/anchor':
      return still({
        ...model,
        log: { ...model.log, anchor: msg.anchor, ...(msg.anchor ? {} : { fresh: 0, error: null }) },
      });
    case 'log/found':
      return onFound(model, msg);
    case 'log/counted':
      return still(
        model.log.search
          ? { ...model, log: { ...model.log, search: { ...model.log.search, count: msg.count, seqs: msg.seqs } } }
          : model,
      );
  }
}

function rowOpened(model: Model, key: string): Model {
  const row = rowsIn(model).find((candidate) => candidate.key === key);
  const selected = select({ ...model, focus: 'table' }, key);
  return row?.is === 'group' ? fold(selected, key, !row.folded) : { ...selected, detail: { top: 0 } };
}

function react(model: Model, msg: Msg): Step {
  switch (msg.is) {
    case 'state': {
      const { failing, effects } = alerted(model, msg.state);
      return { model: { ...model, state: msg.state, now: msg.now, failing }, effects };
    }
    case 'tick':
      return still({ ...model, now: msg.now, usage: msg.usage ?? model.usage });
    case 'resize':
      return still({ ...model, width: msg.width, height: msg.height });
    case 'key':
      return onKey(model, msg.key);
    case 'paste':
      return onOverlayPaste(model, msg.text);
    case 'wheel':
      return onWheel(model, msg.y, msg.by);
    case 'command':
      return commandOf(msg.id)?.run({ ...model, notice: null }) ?? still(model);
    case 'select':
      return still(select(unfolded({ ...model, focus: 'table', overlay: null, zoomed: false }, msg.key), msg.key));
    case 'open row':
      return still(rowOpened(model, msg.key));
    case 'menu':
      return menu(model, msg.key);
    case 'focus':
      return still({ ...model, focus: msg.pane });
    case 'pick':
      return onPick(model, msg.index);
    case 'pod':
      return still({ ...model, log: { ...model.log, pod: msg.pod, anchor: null, fresh: 0, error: null } });
    case 'container':
      return still({ ...model, log: { ...model.log, container: msg.container, anchor: null, fresh: 0, error: null } });
    case 'notice':
      return still({ ...model, notice: { text: msg.text, tone: msg.tone } });
    case 'do':
      return {
        model: { ...model, notice: msg.notice === null ? null : { text: msg.notice, tone: 'info' }, marked: new Set() },
        effects: msg.effects,
      };
    case 'close overlay':
      return still({ ...model, overlay: null });
    default:
      return onLog(model, msg);
  }
}

export const update = (model: Model, msg: Msg): Step => settled(react(model, msg));
