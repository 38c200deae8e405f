// `status` for people: one line a resource, then its problem.
import type { PublicResource, PublicState } from '../../model/public-state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { printable } from '../../session/end/complaint.ts';
import { doneBefore, openAt, place, standingText } from '../../view/wording.ts';

/** `only`: these resources; empty for all. */
export function statusText(state: PublicState, only: readonly string[] = []): string {
  const names = only.length > 0 ? state.order.filter((name) => only.includes(name)) : state.order;
  const rows = names.map((name) => row(lookup(state.resources, name) as PublicResource));
  const header = ['RESOURCE', 'UPDATE', 'RUNTIME', 'LIVE', 'ENDPOINTS'];
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map(({ cells }) => cells[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  const body = rows.flatMap(({ cells, notes }) => [line(cells), ...notes.map((note) => `  ${note}`)]);
  const config = state.config.problems.map(
    (problem) => `configuration: ${problem.what}${problem.at ? ` at ${place(problem.at)}` : ''}`,
  );
  const feeds = Object.entries(state.feeds).flatMap(([feed, health]) =>
    health.problem ? [`${feed}: ${health.problem.what}`] : [],
  );
  return `${[line(header), ...body, ...config, ...feeds, summary(state)].map(printable).join('\n')}\n`;
}

const summary = ({ changes, idle }: PublicState): string =>
  `${changes.live} of ${changes.seen} changes live${idle ? ', idle' : ''}`;

function row(resource: PublicResource): { cells: readonly string[]; notes: readonly string[] } {
  const { update, runtime } = resource;
  const problems = [update.problem, runtime.problem].filter((problem) => problem !== undefined);
  return {
    cells: [
      resource.name,
      updateText(resource),
      runtime.text || runtime.status,
      standingText(resource),
      openAt(resource).join(' '),
    ],
    notes: problems.map(
      (problem) =>
        `${problem.what}${problem.at ? ` at ${place(problem.at)}` : ''}${problem.hint ? ` (${problem.hint})` : ''}`,
    ),
  };
}

function updateText({ enabled, trigger, update }: PublicResource): string {
  if (!enabled) return 'disabled';
  const mode = trigger === 'manual' ? ' (manual)' : '';
  if (update.step) return `${update.step}${update.progress ? ` · ${update.progress}` : ''}${mode}`;
  if (!update.hold || update.hold.reason === 'manual') return `${update.status}${mode}`;
  const waits = `${update.status}: ${update.hold.reason} ${update.hold.on.join(', ')}`.trimEnd();
  return `${doneBefore(update.hold)}${waits}${mode}`;
}
