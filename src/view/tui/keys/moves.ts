// Moving about: in the table, the detail, the log, and the lines of copy mode. What moves is what has the focus.
import { groupKey, resourceKey, resourcesOf } from '../lists/rows.ts';
import type { Effect, Model, Step } from '../model.ts';
import { rowsIn } from '../model.ts';
import { indexOfSelected, panesOf, tableRows } from '../paint/panes.ts';

export const still = (model: Model): Step => ({ model, effects: [] });
export const asking = (model: Model, ...effects: readonly Effect[]): Step => ({ model, effects });

/** Another row has other logs, and what narrowed them to a pod or container does not hold for it. */
export function select(model: Model, key: string): Model {
  if (key === model.selected) return model;
  const log = { ...model.log, pod: null, container: null, copy: null, left: 0 };
  const detail = model.detail ? { top: 0 } : null;
  if (log.all) return { ...model, selected: key, detail, log };
  const search = log.search ? { ...log.search, at: null, count: null, seqs: [] } : null;
  return { ...model, selected: key, detail, log: { ...log, anchor: null, fresh: 0, error: null, search } };
}

function selectBy(model: Model, by: number): Step {
  const rows = rowsIn(model);
  const index = Math.max(0, Math.min(rows.length - 1, indexOfSelected(model) + by));
  const row = rows[index];
  if (!row) return still(model);
  const moved = select(model, row.key);
  return moved.log.search && moved.log.search.count === null && moved !== model
    ? asking(moved, { do: 'count matches' })
    : still(moved);
}

/** Copy mode: the far end of the selection goes up or down, and the view with it at its edge. */
function stretch(model: Model, by: number): Step {
  const { copy, lines } = model.log;
  if (!copy) return still(model);
  const visible = lines.slice(0, panesOf(model).logs.height);
  const index = visible.findIndex((line) => line.seq === copy.to);
  const next = visible[Math.max(0, Math.min(visible.length - 1, index + by))];
  if (!next) return still(model);
  const moved = { ...model, log: { ...model.log, copy: { ...copy, to: next.seq } } };
  const edge = next === (by < 0 ? visible[0] : visible.at(-1));
  return edge ? asking(moved, { do: 'scroll', rows: by }) : still(moved);
}

const onLogs = (model: Model): boolean => model.focus === 'logs' || model.zoomed;

export function moveBy(model: Model, by: number): Step {
  if (model.log.copy) return stretch(model, by);
  if (onLogs(model)) return asking(model, { do: 'scroll', rows: by });
  if (model.detail) return still({ ...model, detail: { top: Math.max(0, model.detail.top + by) } });
  return selectBy(model, by);
}

export function pageBy(model: Model, pages: number): Step {
  const height = onLogs(model) ? panesOf(model).logs.height : tableRows(model);
  return moveBy(
    model,
    Math.sign(pages) * Math.max(1, Math.round(Math.abs(pages) * height) - (Math.abs(pages) === 1 ? 1 : 0)),
  );
}

export function moveTo(model: Model, end: 'first' | 'last'): Step {
  if (onLogs(model)) return asking(model, { do: 'scroll to', end });
  if (model.detail) return still({ ...model, detail: { top: end === 'first' ? 0 : Number.MAX_SAFE_INTEGER } });
  return selectBy(model, end === 'first' ? -Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER);
}

/** Sideways: scrolls an unwrapped log, folds or unfolds a group, or leaves and enters the detail. */
export function sideways(model: Model, by: -1 | 1): Step {
  if (onLogs(model)) {
    const left = model.log.wrap ? 0 : Math.max(0, model.log.left + by * Math.floor(model.width / 3));
    return still({ ...model, log: { ...model.log, left } });
  }
  if (model.detail) return still(by < 0 ? { ...model, detail: null } : model);
  const rows = rowsIn(model);
  const row = rows[indexOfSelected(model)];
  if (row?.is === 'group') return still(fold(model, row.key, by < 0));
  if (by > 0 || !row || row.indent === 0) return still(model);
  const group = rows.slice(0, rows.indexOf(row)).findLast((above) => above.is === 'group');
  return still(group ? select(model, group.key) : model);
}

/** With the group open that hides a row. */
export function unfolded(model: Model, key: string): Model {
  const label = resourcesOf(model.state).find((resource) => resourceKey(resource.name) === key)?.labels[0];
  return label === undefined ? model : fold(model, groupKey(label), false);
}

export function fold(model: Model, key: string, closed: boolean): Model {
  const folded = new Set(model.folded);
  if (closed) folded.add(key);
  else folded.delete(key);
  return { ...model, folded };
}
