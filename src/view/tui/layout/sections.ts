// The sections of the detail of a resource, as lines of spans. A section that has nothing to say is not there.
import { excerpt } from '../../../logs/lines/excerpt.ts';
import type { Problem } from '../../../model/problems/problem.ts';
import type { PublicResource, PublicRun } from '../../../model/public-state.ts';
import { lookup } from '../../../model/text/lookup.ts';
import { age, clock, duration } from '../duration.ts';
import { placeOf, shortPath } from '../lists/problems.ts';
import { glyphOf, liveText, rowStatusOf, runtimeText, toneOf, updateText } from '../lists/row-status.ts';
import type { Model } from '../model.ts';
import type { Span } from '../paint/cells.ts';
import { fit } from '../paint/columns.ts';
import type { Palette } from '../paint/palette.ts';
import { wrapped } from './prose.ts';

export interface Section {
  readonly head: string;
  readonly lines: readonly (readonly Span[])[];
}

/** Shown of a list before the rest is only counted. */
const filesShown = 6;
const runsShown = 5;
const eventsShown = 6;
const tailShown = 6;
/** What an image is called by its content says nothing to a reader. */
const tag = /:sluice-[0-9a-f]{16}$/;

const kept = (sections: readonly Section[]): readonly Section[] =>
  sections.filter((section) => section.lines.length > 0);

function problemLines(
  problem: Problem | undefined,
  dir: string,
  palette: Palette,
  width: number,
): readonly (readonly Span[])[] {
  if (!problem) return [];
  const place = placeOf(problem, dir);
  return [
    ...wrapped(problem.what, width - 12).map((text): readonly Span[] => [[text, palette.bad]]),
    ...(place ? [[[`${place}  (${problem.code})`, palette.dim]] as const] : []),
    ...wrapped(problem.hint ? `hint: ${problem.hint}` : '', width - 12).map((text): readonly Span[] => [
      [text, palette.ok],
    ]),
    ...excerpt(
      (problem.logTail ?? []).map((text) => ({ text })),
      tailShown,
    ).map((text): readonly Span[] => [[`  ${text}`, palette.dim]]),
  ];
}

function files(paths: readonly string[], dir: string, palette: Palette): readonly (readonly Span[])[] {
  const shown = paths.slice(0, filesShown).map((path): readonly Span[] => [[shortPath(path, dir), palette.text]]);
  return paths.length > filesShown ? [...shown, [[`and ${paths.length - filesShown} more`, palette.dim]]] : shown;
}

function run(item: PublicRun, now: number, palette: Palette, width: number): readonly (readonly Span[])[] {
  const [glyph, tone] = {
    ok: ['●', palette.ok] as const,
    failed: ['✗', palette.bad] as const,
    cancelled: ['⊘', palette.warn] as const,
  }[item.outcome ?? 'cancelled'];
  const running = item.outcome === null;
  const took = duration((item.endedAt ?? now) - item.startedAt);
  const steps = item.steps
    .map((step) => {
      const took = step.ms === null ? ' …' : ` ${duration(step.ms)}`;
      return `${step.step.replace(tag, '')}${took}${step.ended ? ` (${step.ended})` : ''}`;
    })
    .join(' · ');
  const head: readonly Span[] = [
    [`${running ? '◐' : glyph} `, running ? palette.busy : tone],
    [`${clock(item.startedAt)}  `, palette.dim],
    [took.padEnd(6), palette.strong],
    [` ${item.strategy ?? ''}  `, palette.text],
    [item.why[0] ?? item.cause, palette.dim],
  ];
  return [head, ...wrapped(steps, width - 14).map((text): readonly Span[] => [[`  ${text}`, palette.dim]])];
}

export function leftSections(
  resource: PublicResource,
  model: Model,
  palette: Palette,
  width: number,
): readonly Section[] {
  const { dir } = model;
  const { update } = resource;
  const runs = [...resource.history].sort((a, b) => b.startedAt - a.startedAt).slice(0, runsShown);
  return kept([
    {
      head: 'update',
      lines: [[[updateText(resource, model.now) || 'nothing yet', toneOf(rowStatusOf(resource), palette)]]],
    },
    {
      head: 'why',
      lines: update.why
        .slice(0, 6)
        .flatMap((why) => wrapped(why, width - 12).map((text): readonly Span[] => [[text, palette.text]])),
    },
    { head: 'problem', lines: problemLines(update.problem, dir, palette, width) },
    { head: 'pending', lines: files(resource.pending, dir, palette) },
    // Before the runs: however many lines they take, it is not pushed out of sight.
    { head: 'defined', lines: [[[`${shortPath(resource.at.file, dir)}:${resource.at.line}`, palette.dim]]] },
    { head: 'runs', lines: runs.flatMap((item) => run(item, model.now, palette, width)) },
  ]);
}

function pods(resource: PublicResource, now: number, palette: Palette): readonly (readonly Span[])[] {
  return resource.runtime.pods.flatMap((pod): readonly (readonly Span[])[] => {
    const head: readonly Span[] = [
      [`${pod.ready ? '●' : '◔'} `, pod.ready ? palette.ok : palette.busy],
      [pod.name, palette.text],
      [`  ${pod.status}  ${age(now - pod.createdAt)}`, palette.dim],
      [pod.restarts > 0 ? `  ↻ ${pod.restarts}` : '', palette.warn],
    ];
    const containers = pod.containers.map((container): readonly Span[] => [
      [`  ${container.name}`, container.ready ? palette.text : palette.warn],
      [`  ${container.state}${container.restarts > 0 ? `  ↻ ${container.restarts}` : ''}`, palette.dim],
    ]);
    return [head, ...containers];
  });
}

/** A neighbour in the graph with how it stands. */
function neighbour(name: string, note: string, model: Model, palette: Palette): readonly Span[] {
  const other = lookup(model.state?.resources, name);
  const standing = other ? rowStatusOf(other) : 'idle';
  return [
    [`${glyphOf(standing)} `, toneOf(standing, palette)],
    [name, palette.text],
    [`  ${other ? note : 'not in this session'}`, palette.dim],
  ];
}

export function rightSections(
  resource: PublicResource,
  model: Model,
  palette: Palette,
  width: number,
): readonly Section[] {
  const { dir } = model;
  const dependents = Object.values(model.state?.resources ?? {}).filter((other) =>
    other.needs.some((need) => need.name === resource.name),
  );
  const events = [...resource.events].sort((a, b) => b.at - a.at).slice(0, eventsShown);
  const live = liveText(resource, model.now);
  return kept([
    {
      head: 'runtime',
      lines: [
        [
          [runtimeText(resource) || 'nothing runs', resource.runtime.status === 'failed' ? palette.bad : palette.text],
          [live ? `  ${live}` : '', palette.dim],
          [resource.runtime.pid ? `  pid ${resource.runtime.pid}` : '', palette.dim],
        ],
      ],
    },
    { head: 'problem', lines: problemLines(resource.runtime.problem, dir, palette, width) },
    { head: 'pods', lines: pods(resource, model.now, palette) },
    { head: 'open', lines: resource.endpoints.map((url): readonly Span[] => [[url, palette.busy]]) },
    {
      head: 'forwards',
      lines: resource.forwards.map((forward): readonly Span[] => [
        [`${forward.local} → ${forward.to}  `, palette.text],
        [forward.problem?.what ?? forward.status, forward.status === 'failed' ? palette.bad : palette.dim],
      ]),
    },
    {
      head: 'needs',
      lines: resource.needs.map((need) =>
        neighbour(need.name, need.update === 'order' ? '' : need.update, model, palette),
      ),
    },
    { head: 'needed by', lines: dependents.map((other) => neighbour(other.name, '', model, palette)) },
    {
      head: 'events',
      lines: events.map((event): readonly Span[] => [
        [`${age(model.now - event.at).padStart(3)} `, palette.dim],
        [`${event.reason}  `, event.type === 'Warning' ? palette.warn : palette.text],
        [fit(event.message, width), palette.dim],
      ]),
    },
  ]);
}
