// Moving about, opening and putting away.
import { fold, moveBy, moveTo, pageBy, sideways, still } from '../keys/moves.ts';
import { type Model, rowsIn, type Step, targetsOf } from '../model.ts';
import { indexOfSelected } from '../paint/panes.ts';
import { type Command, onTable } from './command.ts';
import { copy } from './logs.ts';

function open(model: Model): Step {
  if (model.log.copy) return copy(model);
  const row = rowsIn(model)[indexOfSelected(model)];
  if (!row || model.focus === 'logs') return still(model);
  if (row.is === 'group') return still(fold(model, row.key, !row.folded));
  return still({ ...model, detail: model.detail ? null : { top: 0 }, zoomed: false });
}

/** One thing at a time is put away, the one on top first. */
function back(model: Model): Step {
  if (model.log.copy) return still({ ...model, log: { ...model.log, copy: null } });
  if (model.log.search) return still({ ...model, log: { ...model.log, search: null } });
  if (model.zoomed) return still({ ...model, zoomed: false });
  if (model.marked.size > 0) return still({ ...model, marked: new Set() });
  if (model.detail) return still({ ...model, detail: null, focus: 'table' });
  return still({ ...model, focus: 'table', notice: null });
}

export const moveCommands: readonly Command[] = [
  { id: 'down', keys: ['j', 'down'], group: 'move', title: 'down', run: (model) => moveBy(model, 1) },
  { id: 'up', keys: ['k', 'up'], group: 'move', title: 'up', run: (model) => moveBy(model, -1) },
  { id: 'half-down', keys: ['ctrl+d'], group: 'move', title: 'half a page down', run: (model) => pageBy(model, 0.5) },
  { id: 'half-up', keys: ['ctrl+u'], group: 'move', title: 'half a page up', run: (model) => pageBy(model, -0.5) },
  { id: 'page-down', keys: ['pgdown', 'ctrl+f'], group: 'move', title: 'page down', run: (model) => pageBy(model, 1) },
  { id: 'page-up', keys: ['pgup', 'ctrl+b'], group: 'move', title: 'page up', run: (model) => pageBy(model, -1) },
  { id: 'first', keys: ['g', 'home'], group: 'move', title: 'to the first', run: (model) => moveTo(model, 'first') },
  {
    id: 'last',
    keys: ['G', 'end'],
    group: 'move',
    title: 'to the last; a log follows again',
    run: (model) => moveTo(model, 'last'),
  },
  {
    id: 'left',
    keys: ['h', 'left'],
    group: 'move',
    title: 'fold a group, scroll a log left',
    run: (model) => sideways(model, -1),
  },
  {
    id: 'right',
    keys: ['l', 'right'],
    group: 'move',
    title: 'unfold a group, scroll a log right',
    run: (model) => sideways(model, 1),
  },
  {
    id: 'switch',
    keys: ['tab', 'shift+tab'],
    group: 'move',
    title: 'between table and logs',
    footer: (model) => (model.focus === 'table' ? 'logs' : 'table'),
    run: (model) => still({ ...model, zoomed: false, focus: model.focus === 'table' ? 'logs' : 'table' }),
  },
  {
    id: 'open',
    keys: ['enter'],
    group: 'move',
    title: 'details of a resource, fold a group',
    footer: (model) => (model.detail || targetsOf(model).length === 0 ? null : onTable('details')(model)),
    run: open,
  },
  {
    id: 'back',
    keys: ['esc'],
    group: 'move',
    title: 'back: put away what is on top',
    footer: (model) => (model.detail || model.zoomed || model.log.copy || model.log.search ? 'back' : null),
    run: back,
  },
];
