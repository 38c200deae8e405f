// Actions on the log pane.
import { asking, still } from '../keys/moves.ts';
import { choose } from '../lists/choices.ts';
import { type Model, type Step, targetsOf } from '../model.ts';
import { panesOf } from '../paint/panes.ts';
import { type Command, notice, onLogs } from './command.ts';

const relog = (model: Model, change: Partial<Model['log']>): Step => {
  const next = { ...model, log: { ...model.log, anchor: null, fresh: 0, error: null, copy: null, ...change } };
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
export function copy(model: Model): Step {
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

export const logCommands: readonly Command[] = [
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
    title: 'last error; again: the one before',
    footer: onLogs('last error'),
    run: (model) =>
      asking(model, { do: 'find', what: 'error', direction: 'back', from: model.log.error === null ? 'edge' : 'here' }),
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
];
