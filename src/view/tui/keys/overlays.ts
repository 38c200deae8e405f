// Keys while something lies over the screen: help, problems, lists, the search field, a question.
import { matching } from '../lists/choices.ts';
import { troublesOf } from '../lists/problems.ts';
import { resourceKey } from '../lists/rows.ts';
import type { Model, Msg, Overlay, Search, Step } from '../model.ts';
import type { Key } from '../terminal/input.ts';
import { asking, select, still, unfolded } from './moves.ts';

/** A step, or a message to go on with once the overlay is gone. */
export type Handled = { readonly step: Step } | { readonly model: Model; readonly next: Msg };

const close = (model: Model): Model => ({ ...model, overlay: null });
const done = (step: Step): Handled => ({ step });

const steps: Record<Key, number> = {
  up: -1,
  'ctrl+p': -1,
  down: 1,
  'ctrl+n': 1,
  pgup: -10,
  pgdown: 10,
  home: -1e6,
  end: 1e6,
};
const letterSteps: Record<Key, number> = { k: -1, j: 1, g: -1e6, G: 1e6, 'ctrl+u': -10, 'ctrl+d': 10 };

const clamp = (index: number, count: number): number => Math.max(0, Math.min(count - 1, index));

/** The field's text after a key, null when the key is none of its. */
export function typed(query: string, key: Key): string | null {
  if (key === 'backspace') return Array.from(query).slice(0, -1).join('');
  if (key === 'ctrl+u') return '';
  if (key === 'ctrl+w') return query.replace(/\S*\s*$/, '');
  if (key === 'space') return `${query} `;
  return Array.from(key).length === 1 ? query + key : null;
}

/** Letters in small find any case. What is no regular expression is looked for as it stands. */
export function searchFor(text: string): Search | null {
  if (text === '') return null;
  const flags = /[A-Z]/.test(text) ? '' : 'i';
  let pattern: RegExp;
  try {
    pattern = new RegExp(text, flags);
  } catch {
    pattern = new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), flags);
  }
  return { text, pattern, at: null, count: null, seqs: [], busy: true };
}

function searching(model: Model, overlay: Extract<Overlay, { is: 'search' }>, query: string): Step {
  const search = searchFor(query);
  const next = { ...model, overlay: { ...overlay, query }, log: { ...model.log, search } };
  if (!search) return still({ ...next, log: { ...next.log, anchor: overlay.before } });
  return asking(next, { do: 'find', what: 'match', direction: 'back', from: 'edge' }, { do: 'count matches' });
}

function onSearch(model: Model, overlay: Extract<Overlay, { is: 'search' }>, key: Key): Step {
  if (key === 'esc' || key === 'ctrl+c') {
    return still({ ...close(model), log: { ...model.log, search: null, anchor: overlay.before } });
  }
  if (key === 'enter') {
    const closed = close(model);
    if (overlay.query === (model.log.search?.text ?? '')) return still({ ...closed, focus: 'logs' });
    const step = searching(closed, overlay, overlay.query);
    return { model: { ...step.model, overlay: null, focus: 'logs' }, effects: step.effects };
  }
  const query = typed(overlay.query, key);
  return query === null ? still(model) : searching(model, overlay, query);
}

function onChoose(model: Model, overlay: Extract<Overlay, { is: 'choose' }>, key: Key): Handled {
  const choices = matching(overlay);
  if (key === 'enter') {
    const chosen = choices[overlay.index];
    return chosen ? { model: close(model), next: chosen.msg } : done(still(model));
  }
  const by = steps[key];
  if (by !== undefined)
    return done(still({ ...model, overlay: { ...overlay, index: clamp(overlay.index + by, choices.length) } }));
  const query = typed(overlay.query, key);
  return done(still(query === null ? model : { ...model, overlay: { ...overlay, query, index: 0 } }));
}

function onProblems(model: Model, overlay: Extract<Overlay, { is: 'problems' }>, key: Key): Step {
  const troubles = troublesOf(model.state);
  const trouble = troubles[overlay.index];
  if (key === 'e' && trouble?.problem.at) return asking(close(model), { do: 'edit', ...trouble.problem.at });
  if (key === 'enter') {
    if (!trouble?.resource)
      return trouble?.problem.at ? asking(close(model), { do: 'edit', ...trouble.problem.at }) : still(close(model));
    return still({
      ...select(unfolded(close(model), resourceKey(trouble.resource)), resourceKey(trouble.resource)),
      detail: { top: 0 },
      focus: 'table',
      zoomed: false,
    });
  }
  const by = steps[key] ?? letterSteps[key];
  return still(
    by === undefined ? model : { ...model, overlay: { ...overlay, index: clamp(overlay.index + by, troubles.length) } },
  );
}

function onConfirm(model: Model, overlay: Extract<Overlay, { is: 'confirm' }>, key: Key): Handled {
  if (key === 'y' || key === 'Y' || key === 'enter') return { model: close(model), next: overlay.yes };
  return done(still(key === 'n' || key === 'N' ? close(model) : model));
}

export function onOverlayKey(model: Model, overlay: Overlay, key: Key): Handled {
  if (overlay.is === 'search') return done(onSearch(model, overlay, key));
  if (key === 'esc' || key === 'ctrl+c') return done(still(close(model)));
  switch (overlay.is) {
    case 'choose':
      return onChoose(model, overlay, key);
    case 'confirm':
      return onConfirm(model, overlay, key);
    case 'problems':
      return done(key === 'q' || key === 'p' ? still(close(model)) : onProblems(model, overlay, key));
    case 'help': {
      const by = steps[key] ?? letterSteps[key];
      if (by === undefined) return done(still(key === 'q' || key === '?' || key === 'enter' ? close(model) : model));
      return done(still({ ...model, overlay: { is: 'help', top: Math.max(0, overlay.top + by) } }));
    }
  }
}

export function onOverlayPaste(model: Model, text: string): Step {
  const overlay = model.overlay;
  const line = text.split(/[\r\n]/)[0]!.replace(/[\x00-\x1f\x7f]/g, '');
  if (overlay?.is === 'search') return searching(model, overlay, overlay.query + line);
  if (overlay?.is === 'choose')
    return still({ ...model, overlay: { ...overlay, query: overlay.query + line, index: 0 } });
  return still(model);
}
