// Everything the view knows. `update` makes the next one, `layout` draws it; neither does anything else.
import type { LogFilter, LogLevel, LogLine, LogSource } from '../../model/log.ts';
import type { PublicResource, PublicState } from '../../model/public-state.ts';
import { lookup } from '../../model/text/lookup.ts';
import type { Keymap } from './keys/keymap.ts';
import { membersOf, type Row, rowsOf } from './lists/rows.ts';
import type { Key } from './terminal/input.ts';

/** First row shown: a line and how many of its wrapped rows are above the edge. Null follows the end. */
export type Anchor = { readonly seq: number; readonly skip: number } | null;

export interface Search {
  readonly text: string;
  readonly pattern: RegExp;
  /** The line of the match last jumped to. */
  readonly at: number | null;
  readonly count: number | null;
  /** Oldest first; empty when there are too many to be listed. */
  readonly seqs: readonly number[];
  readonly busy: boolean;
}

export interface LogView {
  /** Null: the resources of the selected row. */
  readonly all: boolean;
  readonly source: LogSource | null;
  readonly level: LogLevel | null;
  readonly pod: string | null;
  readonly container: string | null;
  readonly wrap: boolean;
  readonly times: boolean;
  readonly left: number;
  readonly anchor: Anchor;
  /** Lines that came while the view stood still. */
  readonly fresh: number;
  /** Seq of the error that was jumped to. */
  readonly error: number | null;
  readonly search: Search | null;
  /** Copy mode: the lines between `from` and `to`, both included. */
  readonly copy: { readonly from: number; readonly to: number } | null;
  /** What was read for this picture. */
  readonly lines: readonly LogLine[];
}

/** One thing to choose in a list over the screen. */
export interface Choice {
  readonly label: string;
  readonly detail: string;
  readonly msg: Msg;
}

export type Overlay =
  | { readonly is: 'help'; readonly top: number }
  | { readonly is: 'problems'; readonly index: number }
  | {
      readonly is: 'choose';
      readonly title: string;
      readonly query: string;
      readonly index: number;
      readonly choices: readonly Choice[];
    }
  | { readonly is: 'search'; readonly query: string; readonly before: Anchor }
  | { readonly is: 'confirm'; readonly question: string; readonly detail: string; readonly yes: Msg };

export interface Model {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** What paths are shown relative to. */
  readonly dir: string;
  /** ms epoch; only moves with a tick or a change. */
  readonly now: number;
  readonly state: PublicState | null;
  readonly usage: { readonly cpu: number; readonly rss: number } | null;
  readonly keymap: Keymap;
  readonly selected: string | null;
  readonly top: number;
  readonly marked: ReadonlySet<string>;
  readonly folded: ReadonlySet<string>;
  readonly focus: 'table' | 'logs';
  readonly zoomed: boolean;
  /** Rows given to the logs beyond an even split. */
  readonly shift: number;
  readonly detail: { readonly top: number } | null;
  readonly overlay: Overlay | null;
  readonly log: LogView;
  /** Resources that failed and are not well again yet, for the notice when they are. */
  readonly failing: ReadonlySet<string>;
  readonly notice: { readonly text: string; readonly tone: 'info' | 'bad' } | null;
  readonly bell: boolean;
  readonly mouse: boolean;
}

/** What happens to the view. */
export type Msg =
  | { readonly is: 'state'; readonly state: PublicState; readonly now: number }
  | { readonly is: 'tick'; readonly now: number; readonly usage: { readonly cpu: number; readonly rss: number } | null }
  | { readonly is: 'resize'; readonly width: number; readonly height: number }
  | { readonly is: 'key'; readonly key: Key }
  | { readonly is: 'paste'; readonly text: string }
  | { readonly is: 'wheel'; readonly x: number; readonly y: number; readonly by: number }
  | { readonly is: 'command'; readonly id: string }
  | { readonly is: 'select'; readonly key: string }
  | { readonly is: 'open row'; readonly key: string }
  | { readonly is: 'menu'; readonly key: string }
  | { readonly is: 'focus'; readonly pane: 'table' | 'logs' }
  | { readonly is: 'pick'; readonly index: number }
  | { readonly is: 'pod'; readonly pod: string | null }
  | { readonly is: 'container'; readonly container: string | null }
  | { readonly is: 'notice'; readonly text: string; readonly tone: 'info' | 'bad' }
  | { readonly is: 'do'; readonly effects: readonly Effect[]; readonly notice: string | null }
  | { readonly is: 'log/arrived'; readonly count: number; readonly matches: readonly number[] }
  /** A search that cannot be done: its pattern takes for ever. */
  | { readonly is: 'log/failed'; readonly text: string }
  | { readonly is: 'log/anchor'; readonly anchor: Anchor }
  | {
      readonly is: 'log/found';
      readonly what: 'match' | 'error';
      readonly seq: number | null;
      readonly anchor: Anchor;
      readonly wrapped: boolean;
    }
  | { readonly is: 'log/counted'; readonly count: number; readonly seqs: readonly number[] }
  | { readonly is: 'close overlay' };

/** What the view asks the world for. */
export type Effect =
  | {
      readonly do: 'act';
      readonly verb: 'trigger' | 'force' | 'cancel' | 'enable' | 'disable' | 'auto' | 'manual' | 'restart';
      readonly resource: string;
    }
  | { readonly do: 'clear logs'; readonly resource: string }
  | { readonly do: 'open'; readonly url: string }
  | { readonly do: 'edit'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly do: 'copy'; readonly from: number; readonly to: number }
  /** Moves the log by so many rows. */
  | { readonly do: 'scroll'; readonly rows: number }
  | { readonly do: 'scroll to'; readonly end: 'first' | 'last' }
  /** Looks for the search's next match, or for the last error. */
  | {
      readonly do: 'find';
      readonly what: 'match' | 'error';
      readonly direction: 'forward' | 'back';
      readonly from: 'here' | 'edge';
    }
  | { readonly do: 'count matches' }
  | { readonly do: 'notify'; readonly text: string; readonly bad: boolean }
  | { readonly do: 'mouse'; readonly on: boolean }
  | { readonly do: 'redraw' }
  | { readonly do: 'suspend' }
  | { readonly do: 'quit' };

export interface Step {
  readonly model: Model;
  readonly effects: readonly Effect[];
}

export const rowsIn = (model: Model): readonly Row[] => rowsOf(model.state, model.folded);

export const selectedRow = (model: Model): Row | undefined => rowsIn(model).find((row) => row.key === model.selected);

/** What an action applies to: the marked resources, else those of the selected row. */
export function targetsOf(model: Model): readonly PublicResource[] {
  const marked = [...model.marked].flatMap((name) => lookup(model.state?.resources, name) ?? []);
  return marked.length > 0 ? marked : membersOf(selectedRow(model));
}

/** The one resource in view, null on a group. */
export function resourceIn(model: Model): PublicResource | null {
  const row = selectedRow(model);
  return row?.is === 'resource' ? row.resource : null;
}

/** Which lines the log pane shows, search aside. */
export function filterOf(model: Model): LogFilter {
  const { all, source, level, pod, container } = model.log;
  const row = selectedRow(model);
  return {
    ...(all || !row ? {} : { resources: membersOf(row).map((resource) => resource.name) }),
    ...(source ? { sources: [source] } : {}),
    ...(level ? { level } : {}),
    ...(pod ? { pods: [pod] } : {}),
    ...(container ? { containers: [container] } : {}),
  };
}

export const freshModel = (
  title: string,
  dir: string,
  keymap: Keymap,
  width: number,
  height: number,
  now: number,
): Model => ({
  width,
  height,
  title,
  dir,
  now,
  state: null,
  usage: null,
  keymap,
  selected: null,
  top: 0,
  marked: new Set(),
  folded: new Set(),
  focus: 'table',
  zoomed: false,
  shift: 0,
  detail: null,
  overlay: null,
  log: {
    all: false,
    source: null,
    level: null,
    pod: null,
    container: null,
    wrap: false,
    times: false,
    left: 0,
    anchor: null,
    fresh: 0,
    error: null,
    search: null,
    copy: null,
    lines: [],
  },
  failing: new Set(),
  notice: null,
  bell: true,
  mouse: true,
});
