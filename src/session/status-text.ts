// `status` for people: one line a resource, then its problem.
import { lookup } from '../model/lookup.ts';
import type { PublicResource, PublicState } from '../model/public-state.ts';
import { place } from './complaint.ts';

export function statusText(state: PublicState): string {
  const rows = state.order.map((name) => row(lookup(state.resources, name) as PublicResource));
  const header = ['RESOURCE', 'UPDATE', 'RUNTIME', 'LIVE', 'ENDPOINTS'];
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map(({ cells }) => cells[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  const body = rows.flatMap(({ cells, notes }) => [line(cells), ...notes.map((note) => `  ${note}`)]);
  const config = state.config.problems.map(
    (problem) => `sluice.yaml: ${problem.what}${problem.at ? ` at ${place(problem.at)}` : ''}`,
  );
  const feeds = Object.entries(state.feeds).flatMap(([feed, health]) =>
    health.problem ? [`${feed}: ${health.problem.what}`] : [],
  );
  return `${[line(header), ...body, ...config, ...feeds, summary(state)].join('\n')}\n`;
}

const summary = ({ changes, idle }: PublicState): string =>
  `${changes.live} of ${changes.seen} changes live${idle ? ', idle' : ''}`;

function row(resource: PublicResource): { cells: readonly string[]; notes: readonly string[] } {
  const { update, runtime, changes } = resource;
  const waits = update.hold
    ? `${update.status}: ${update.hold.reason} ${update.hold.on.join(', ')}`.trimEnd()
    : update.status;
  const live = changes.live >= changes.seen ? 'live' : `${resource.pending.length} files behind`;
  const problems = [update.problem, runtime.problem].filter((problem) => problem !== undefined);
  return {
    cells: [
      resource.name,
      resource.enabled ? (update.step ?? waits) : 'disabled',
      runtime.text || runtime.status,
      live,
      resource.endpoints.join(' '),
    ],
    notes: problems.map(
      (problem) =>
        `${problem.what}${problem.at ? ` at ${place(problem.at)}` : ''}${problem.hint ? ` (${problem.hint})` : ''}`,
    ),
  };
}
