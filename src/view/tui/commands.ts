// Every action there is, once: the keys, the help, the footer and the palette are made of this table.
import type { PublicResource } from '../../model/public-state.ts';
import { choose } from './choices.ts';
import type { Key } from './input.ts';
import { type Effect, filterOf, type Model, resourceIn, rowsIn, type Step, targetsOf } from './model.ts';
import { asking, fold, moveBy, moveTo, pageBy, sideways, still } from './moves.ts';
import { indexOfSelected, panesOf } from './panes.ts';
import { troublesOf } from './problems.ts';

export interface Command {
  readonly id: string;
  readonly keys: readonly Key[];
  readonly group: 'move' | 'resource' | 'logs' | 'view' | 'session';
  /** What it does, for the help and the palette. */
  readonly title: string;
  /** A word for the footer, where it is worth one now. */
  readonly footer?: (model: Model) => string | null;
  readonly run: (model: Model) => Step;
}

type Verb = Extract<Effect, { do: 'act' }>['verb'];

const notice = (model: Model, text: string): Step => still({ ...model, notice: { text, tone: 'info' } });

const namesOf = (resources: readonly PublicResource[]): string =>
  resources.length > 3 ? `${resources.length} resources` : resources.map((resource) => resource.name).join(', ');

/** Asks for a verb on every target it makes sense for, and says so. */
function act(model: Model, said: string, verbOf: (resource: PublicResource) => Verb | null): Step {
  const targets = targetsOf(model).flatMap((resource) => {
    const verb = verbOf(resource);
    return verb ? [{ resource, verb }] : [];
  });
  if (targets.length === 0) return notice(model, `nothing here to ${said}`);
  const text = `${said}: ${namesOf(targets.map((target) => target.resource))}`;
  return {
    model: { ...model, marked: new Set(), notice: { text, tone: 'info' } },
    effects: targets.map(({ resource, verb }) => ({ do: 'act', verb, resource: resource.name })),
  };
}

function confirm(model: Model, question: string, detail: string, effects: readonly Effect[], said: string): Step {
  return still({ ...model, overlay: { is: 'confirm', question, detail, yes: { is: 'do', effects, notice: said } } });
}

function toggleEnabled(model: Model): Step {
  const targets = targetsOf(model);
  if (targets.some((resource) => !resource.enabled))
    return act(model, 'enable', (resource) => (resource.enabled ? null : 'enable'));
  if (targets.length === 0) return notice(model, 'nothing here to disable');
  const effects = targets.map((resource): Effect => ({ do: 'act', verb: 'disable', resource: resource.name }));
  return confirm(
    model,
    `Disable ${namesOf(targets)}?`,
    'What it runs is stopped, and what was deployed for it is deleted.',
    effects,
    `disable: ${namesOf(targets)}`,
  );
}

function clearLogs(model: Model): Step {
  const targets = targetsOf(model);
  if (targets.length === 0) return notice(model, 'no resource here');
  const effects = targets.map((resource): Effect => ({ do: 'clear logs', resource: resource.name }));
  return confirm(
    model,
    `Clear the logs of ${namesOf(targets)}?`,
    'They are deleted, the history on disk included.',
    effects,
    `logs cleared: ${namesOf(targets)}`,
  );
}

function openEndpoint(model: Model): Step {
  const urls = targetsOf(model).flatMap((resource) => resource.endpoints.map((url) => ({ url, name: resource.name })));
  if (urls.length === 0) return notice(model, 'no endpoint here yet');
  if (urls.length === 1)
    return asking(
      { ...model, notice: { text: `open ${urls[0]!.url}`, tone: 'info' } },
      { do: 'open', url: urls[0]!.url },
    );
  const choices = urls.map(({ url, name }) => ({
    label: url,
    detail: name,
    msg: { is: 'do', effects: [{ do: 'open', url }], notice: `open ${url}` } as const,
  }));
  return choose(model, 'open an endpoint', choices);
}

/** The file of what is wrong with the selected resource, else of the first problem, else where the resource is defined. */
function editFile(model: Model): Step {
  const resource = resourceIn(model);
  const troubles = troublesOf(model.state).filter((trouble) => trouble.problem.at);
  const at =
    (
      troubles.find((trouble) => trouble.resource === resource?.name) ??
      troubles.find((trouble) => trouble.resource === null)
    )?.problem.at ?? resource?.at;
  return at ? asking(model, { do: 'edit', ...at }) : notice(model, 'no file to open here');
}

function mark(model: Model): Step {
  const names = targetsOf({ ...model, marked: new Set() }).map((resource) => resource.name);
  const marked = new Set(model.marked);
  const all = names.every((name) => marked.has(name));
  for (const name of names) all ? marked.delete(name) : marked.add(name);
  return model.detail ? still({ ...model, marked }) : moveBy({ ...model, marked, focus: 'table' }, 1);
}

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

const relog = (model: Model, change: Partial<Model['log']>): Step => {
  const next = { ...model, log: { ...model.log, anchor: null, fresh: 0, copy: null, ...change } };
  return next.log.search
    ? asking(
        { ...next, log: { ...next.log, search: { ...next.log.search, at: null, count: null } } },
        { do: 'count matches' },
      )
    : still(next);
};

const after = <T>(list: readonly T[], now: T): T => list[(list.indexOf(now) + 1) % list.length]!;

function choosePod(model: Model): Step {
  const pods = targetsOf(model).flatMap((resource) =>
    resource.runtime.pods.map((pod) => ({
      label: pod.name,
      detail: `${resource.name}  ${pod.status}`,
      msg: { is: 'pod', pod: pod.name } as const,
    })),
  );
  if (pods.length === 0) return notice(model, 'no pods here');
  return choose(model, 'logs of one pod', [{ label: 'all pods', detail: '', msg: { is: 'pod', pod: null } }, ...pods]);
}

function chooseContainer(model: Model): Step {
  const names = new Set(
    targetsOf(model).flatMap((resource) =>
      resource.runtime.pods.flatMap((pod) => pod.containers.map((container) => container.name)),
    ),
  );
  if (names.size === 0) return notice(model, 'no containers here');
  const containers = [...names].map((container) => ({
    label: container,
    detail: '',
    msg: { is: 'container', container } as const,
  }));
  return choose(model, 'logs of one container', [
    { label: 'all containers', detail: '', msg: { is: 'container', container: null } },
    ...containers,
  ]);
}

function follow(model: Model): Step {
  return model.log.anchor ? asking(model, { do: 'scroll to', end: 'last' }) : asking(model, { do: 'scroll', rows: 0 });
}

function find(model: Model, direction: 'forward' | 'back'): Step {
  if (!model.log.search) return notice(model, 'nothing searched for: press / first');
  return asking(
    { ...model, log: { ...model.log, search: { ...model.log.search, busy: true } } },
    { do: 'find', what: 'match', direction, from: 'here' },
  );
}

/** First press marks the newest line shown, or the match just found; the second copies. */
function copy(model: Model): Step {
  const { copy: range, lines, search } = model.log;
  if (range) {
    const count = lines.filter(
      (line) => line.seq >= Math.min(range.from, range.to) && line.seq <= Math.max(range.from, range.to),
    ).length;
    return asking(
      {
        ...model,
        log: { ...model.log, copy: null },
        notice: { text: count > 1 ? `copied ${count} lines` : 'copied', tone: 'info' },
      },
      { do: 'copy', ...range },
    );
  }
  const visible = lines.slice(0, panesOf(model).logs.height);
  const line = visible.find((shown) => shown.seq === search?.at) ?? visible.at(-1);
  if (!line) return notice(model, 'no log line to copy');
  return asking(
    { ...model, focus: 'logs', log: { ...model.log, copy: { from: line.seq, to: line.seq } } },
    { do: 'scroll', rows: 0 },
  );
}

const searchBox = (model: Model): Step =>
  still({ ...model, overlay: { is: 'search', query: model.log.search?.text ?? '', before: model.log.anchor } });

const palette = (model: Model): Step => choose(model, 'do what?', paletteChoices(model));

function paletteChoices(model: Model) {
  const actions = commands
    .filter((command) => command.group !== 'move')
    .map((command) => ({
      label: command.title,
      detail: (model.keymap.byId.get(command.id) ?? []).join(' '),
      msg: { is: 'command', id: command.id } as const,
    }));
  const resources = Object.keys(model.state?.resources ?? {}).map((name) => ({
    label: `go to ${name}`,
    detail: 'resource',
    msg: { is: 'select', key: `resource ${name}` } as const,
  }));
  return [...actions, ...resources];
}

const resourceIs = (label: string, test: (resource: PublicResource) => boolean) => (model: Model) =>
  model.focus === 'table' && targetsOf(model).some(test) ? label : null;
const onTable = (label: string) => (model: Model) => (model.focus === 'table' && !model.zoomed ? label : null);
const onLogs = (label: string) => (model: Model) => (model.focus === 'logs' || model.zoomed ? label : null);

export const commands: readonly Command[] = [
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
    footer: (model) => (model.detail ? null : onTable('details')(model)),
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

  {
    id: 'trigger',
    keys: ['t'],
    group: 'resource',
    title: 'update now',
    footer: resourceIs('update', (resource) => resource.enabled),
    run: (model) => act(model, 'update', (resource) => (resource.enabled ? 'trigger' : null)),
  },
  {
    id: 'force',
    keys: ['T'],
    group: 'resource',
    title: 'build from scratch now',
    run: (model) => act(model, 'build from scratch', (resource) => (resource.enabled ? 'force' : null)),
  },
  {
    id: 'cancel',
    keys: ['x'],
    group: 'resource',
    title: 'cancel the running update',
    footer: resourceIs('cancel', (resource) => resource.update.status === 'running'),
    run: (model) => act(model, 'cancel', (resource) => (resource.update.status === 'running' ? 'cancel' : null)),
  },
  {
    id: 'restart',
    keys: ['r'],
    group: 'resource',
    title: 'restart what runs, without a build',
    footer: resourceIs('restart', (resource) => resource.runtime.status !== 'none'),
    run: (model) => act(model, 'restart', (resource) => (resource.enabled ? 'restart' : null)),
  },
  {
    id: 'enable',
    keys: ['d'],
    group: 'resource',
    title: 'disable or enable',
    footer: (model) =>
      model.focus !== 'table' ? null : targetsOf(model).some((resource) => !resource.enabled) ? 'enable' : 'disable',
    run: toggleEnabled,
  },
  {
    id: 'mode',
    keys: ['m'],
    group: 'resource',
    title: 'update by itself or on request',
    footer: resourceIs('auto/manual', () => true),
    run: (model) => act(model, 'change mode', (resource) => (resource.trigger === 'auto' ? 'manual' : 'auto')),
  },
  {
    id: 'endpoint',
    keys: ['o'],
    group: 'resource',
    title: 'open an endpoint in the browser',
    footer: resourceIs('open', (resource) => resource.endpoints.length > 0),
    run: openEndpoint,
  },
  { id: 'edit', keys: ['e'], group: 'resource', title: 'open the file of the problem in $EDITOR', run: editFile },
  { id: 'clear', keys: ['c'], group: 'resource', title: 'clear the logs', run: clearLogs },
  { id: 'mark', keys: ['space'], group: 'resource', title: 'mark for the next action', run: mark },
  {
    id: 'mark-all',
    keys: ['*'],
    group: 'resource',
    title: 'mark all or none',
    run: (model) =>
      still({
        ...model,
        marked: model.marked.size > 0 ? new Set() : new Set(Object.keys(model.state?.resources ?? {})),
      }),
  },

  {
    id: 'search',
    keys: ['/'],
    group: 'logs',
    title: 'search the logs for a regular expression',
    footer: () => 'search',
    run: searchBox,
  },
  {
    id: 'next',
    keys: ['n'],
    group: 'logs',
    title: 'next match, towards older lines',
    footer: (model) => (model.log.search ? 'older' : null),
    run: (model) => find(model, 'back'),
  },
  {
    id: 'previous',
    keys: ['N'],
    group: 'logs',
    title: 'previous match, towards newer lines',
    footer: (model) => (model.log.search ? 'newer' : null),
    run: (model) => find(model, 'forward'),
  },
  {
    id: 'error',
    keys: ['E'],
    group: 'logs',
    title: 'jump to the last error',
    footer: onLogs('last error'),
    run: (model) => asking(model, { do: 'find', what: 'error', direction: 'back', from: 'edge' }),
  },
  {
    id: 'follow',
    keys: ['f'],
    group: 'logs',
    title: 'follow or pause',
    footer: (model) => onLogs(model.log.anchor ? 'follow' : 'pause')(model),
    run: follow,
  },
  {
    id: 'all',
    keys: ['a'],
    group: 'logs',
    title: 'logs of all resources or of the selected',
    footer: (model) => onLogs(model.log.all ? 'selected' : 'all')(model),
    run: (model) => relog(model, { all: !model.log.all }),
  },
  {
    id: 'source',
    keys: ['s'],
    group: 'logs',
    title: 'everything, build, runtime or engine',
    footer: onLogs('source'),
    run: (model) => relog(model, { source: after([null, 'build', 'runtime', 'engine'], model.log.source) }),
  },
  {
    id: 'level',
    keys: ['L'],
    group: 'logs',
    title: 'every level, from info, warnings or errors on',
    footer: onLogs('level'),
    run: (model) => relog(model, { level: after([null, 'info', 'warn', 'error'], model.log.level) }),
  },
  { id: 'pod', keys: ['P'], group: 'logs', title: 'logs of one pod', run: choosePod },
  { id: 'container', keys: ['C'], group: 'logs', title: 'logs of one container', run: chooseContainer },
  {
    id: 'times',
    keys: ['i'],
    group: 'logs',
    title: 'timestamps on or off',
    run: (model) => still({ ...model, log: { ...model.log, times: !model.log.times } }),
  },
  {
    id: 'wrap',
    keys: ['w'],
    group: 'logs',
    title: 'wrap long lines or cut them',
    footer: onLogs('wrap'),
    run: (model) =>
      still({
        ...model,
        log: {
          ...model.log,
          wrap: !model.log.wrap,
          left: 0,
          anchor: model.log.anchor ? { ...model.log.anchor, skip: 0 } : null,
        },
      }),
  },
  {
    id: 'copy',
    keys: ['y'],
    group: 'logs',
    title: 'copy lines: mark with up and down, then again',
    footer: (model) => (model.log.copy ? 'copy' : onLogs('copy')(model)),
    run: copy,
  },

  {
    id: 'palette',
    keys: [':', 'ctrl+p'],
    group: 'view',
    title: 'find an action or a resource',
    footer: () => 'actions',
    run: palette,
  },
  {
    id: 'problems',
    keys: ['p'],
    group: 'view',
    title: 'everything that is wrong',
    footer: (model) => (troublesOf(model.state).length > 0 ? 'problems' : null),
    run: (model) => still({ ...model, overlay: { is: 'problems', index: 0 } }),
  },
  {
    id: 'zoom',
    keys: ['z'],
    group: 'view',
    title: 'logs on the whole screen',
    footer: onLogs('zoom'),
    run: (model) => still({ ...model, zoomed: !model.zoomed, focus: model.zoomed ? model.focus : 'logs' }),
  },
  {
    id: 'grow',
    keys: ['+', '='],
    group: 'view',
    title: 'more room for the logs',
    run: (model) => still({ ...model, shift: model.shift + 2 }),
  },
  {
    id: 'shrink',
    keys: ['-'],
    group: 'view',
    title: 'less room for the logs',
    run: (model) => still({ ...model, shift: model.shift - 2 }),
  },
  {
    id: 'bell',
    keys: ['b'],
    group: 'view',
    title: 'bell and notification on failures, on or off',
    run: (model) => notice({ ...model, bell: !model.bell }, model.bell ? 'bell off' : 'bell on'),
  },
  {
    id: 'mouse',
    keys: ['M'],
    group: 'view',
    title: 'mouse on, or left to the terminal',
    run: (model) =>
      asking(
        {
          ...model,
          mouse: !model.mouse,
          notice: { text: model.mouse ? 'mouse off: select text with the terminal' : 'mouse on', tone: 'info' },
        },
        { do: 'mouse', on: !model.mouse },
      ),
  },
  {
    id: 'redraw',
    keys: ['ctrl+l'],
    group: 'view',
    title: 'draw the screen anew',
    run: (model) => asking(model, { do: 'redraw' }),
  },
  {
    id: 'help',
    keys: ['?', 'f1'],
    group: 'view',
    title: 'this help',
    footer: () => 'help',
    run: (model) => still({ ...model, overlay: { is: 'help', top: 0 } }),
  },

  {
    id: 'suspend',
    keys: ['ctrl+z'],
    group: 'session',
    title: 'to the shell; fg comes back',
    run: (model) => asking(model, { do: 'suspend' }),
  },
  {
    id: 'quit',
    keys: ['q', 'ctrl+c'],
    group: 'session',
    title: 'end the session',
    footer: () => 'quit',
    run: (model) => asking({ ...model, notice: { text: 'stopping …', tone: 'info' } }, { do: 'quit' }),
  },
];

export const commandOf = (id: string): Command | undefined => commands.find((command) => command.id === id);

/** True when both models show the same log lines. */
export const sameLines = (a: Model, b: Model): boolean => JSON.stringify(filterOf(a)) === JSON.stringify(filterOf(b));
