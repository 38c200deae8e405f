// How `ci` ends: a table of all resources, what took longest, and each failure with the tail of its log.
import { limits } from '../model/limits.ts';
import type { Problem } from '../model/problems/problem.ts';
import type { PublicResource, PublicState } from '../model/public-state.ts';
import { cutAt } from '../model/text/cut.ts';
import { spelled } from '../model/text/invisible.ts';
import { lookup } from '../model/text/lookup.ts';
import { criticalPath, durationOf } from './critical-path.ts';
import { hasProblem, place, sentenceOf, spell, visible, waitingFor } from './wording.ts';

export interface Ending {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly problems: readonly Problem[];
}

/** Plain text, each line ended; nothing where there is no resource to tell of: what is wrong then is said on stderr. */
export function ciReport(state: PublicState, verdict: Ending): string {
  if (state.order.length === 0) return '';
  const rows = state.order
    .flatMap((name) => lookup(state.resources, name) ?? [])
    .map((resource) => rowOf(state, resource));
  const path = criticalPath(state);
  const lines = [
    '',
    ...table([['RESOURCE', 'UPDATE', 'RUNTIME', 'DURATION'], ...rows]),
    ...(path.names.length > 0 ? ['', `longest chain: ${visible(path.names.join(' → '))}, ${spell(path.ms)}`] : []),
    '',
    ...failures(state, verdict),
    verdict.ok ? 'ok: all ready' : `failed, exit code ${verdict.exitCode}`,
  ];
  return `${lines.join('\n')}\n`;
}

function rowOf(state: PublicState, resource: PublicResource): readonly string[] {
  const { update, runtime } = resource;
  const duration = durationOf(state, resource.name);
  const status = !resource.enabled
    ? 'disabled'
    : update.hold && update.status !== 'running'
      ? waitingFor(update.hold)
      : update.status;
  return [
    visible(resource.name),
    status,
    cell(visible(runtime.text || runtime.status)),
    duration > 0 ? spell(duration) : '–',
  ];
}

/** The whole of it is told below the table. */
const cell = (text: string): string =>
  text.length > limits.reportColumns ? `${text.slice(0, cutAt(text, limits.reportColumns - 1))}…` : text;

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)), []);
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] as number))
      .join('  ')
      .trimEnd(),
  );
}

function failures(state: PublicState, { ok, problems }: Ending): string[] {
  return ok ? [] : problems.flatMap((problem) => failure(state, problem));
}

function failure(state: PublicState, problem: Problem): string[] {
  const owner = state.order.find((name) => hasProblem(lookup(state.resources, name) as PublicResource, problem));
  return [
    `${owner ? `${visible(owner)}: ` : ''}${sentenceOf(problem)}`,
    ...(problem.logTail ?? []).map((text) => `  │ ${visible(text)}`),
    ...(problem.hint ? [`  hint: ${visible(problem.hint)}`] : []),
    '',
  ];
}

/** Workflow commands of GitHub Actions, one line per problem. */
export function githubAnnotations(problems: readonly Problem[]): string {
  return problems.map(annotation).join('');
}

function annotation(problem: Problem): string {
  const { at } = problem;
  const properties = at
    ? ` file=${property(fileOf(at))},line=${at.line},col=${at.column},title=${property(problem.code)}`
    : ` title=${property(problem.code)}`;
  const text = [problem.what, ...(problem.hint ? [`hint: ${problem.hint}`] : []), ...(problem.logTail ?? [])].join(
    '\n',
  );
  return `::error${properties}::${message(text)}\n`;
}

/** Relative to the checkout, where the command runs. */
const fileOf = (at: NonNullable<Problem['at']>): string => place(at).replace(/:\d+:\d+$/, '');

// As actions/toolkit escapes them.
const message = (text: string): string =>
  text.split('\n').map(spelled).join('\n').replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const property = (text: string): string => message(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
