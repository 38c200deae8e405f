// An explanation for people: one paragraph a resource, each step with the line that asks for it.
import { relative } from 'node:path';
import type { SourcePos } from '../../model/problems/problem.ts';
import { printable } from '../../session/end/complaint.ts';
import { place } from '../../view/wording.ts';
import type { Effect, Step } from './effect.ts';
import type { Explanation } from './explain.ts';
import type { Ignored } from './ignore-reason.ts';

export function explanationText(explanation: Explanation): string {
  const { path, exists, effects, ignored, reloads, defines } = explanation;
  const lines = [
    `${shortened(path)}${exists ? '' : '  (does not exist: as if it was deleted)'}`,
    ...effects.flatMap(effectLines),
    ...(reloads ? [reloadLine(defines)] : []),
    ...ignored.map(ignoredLine),
    ...(effects.length + ignored.length === 0 && !reloads
      ? ['  nothing happens: it lies outside of everything that is watched']
      : []),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

const reloadLine = (defines: readonly string[]): string =>
  defines.length === 0
    ? '  the configuration is loaded again, and what changed in it is brought in'
    : `  ${defines.join(', ')}: applied anew, if what stands here of ${defines.length === 1 ? 'it' : 'them'} changed`;

function shortened(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== '' && !short.startsWith('..') ? short : path;
}

const titles: Readonly<Record<Effect['how'], string>> = {
  live: 'updated in place',
  exchange: 'new image without a builder',
  build: 'full build',
  run: 'runs again',
};

function effectLines(effect: Effect): string[] {
  const { resource, how, because, at, steps, waits, after, followers } = effect;
  const width = Math.max(...steps.map((step) => stepText(step).length));
  return [
    `  ${resource}: ${titles[how]}, ${because}${because.includes(`:${at.line}`) ? '' : ` (${place(at)})`}`,
    ...(after.length > 0 ? [`    waits for what this does to ${after.join(', ')}`] : []),
    ...steps.map((step) => `    ${stepText(step).padEnd(width)}${from(step.at)}`.trimEnd()),
    ...(waits ? [`    waits for: sluice trigger ${resource}`] : []),
    ...followers.map((next) => `    then ${next.resource} (needs it with update: ${next.update})`),
  ];
}

function stepText({ does, what, once }: Step): string {
  const text =
    does === 'copy'
      ? `copy to ${what}`
      : does === 'exchange'
        ? `exchange in the last ${what}, or build it where that is in no registry`
        : `${does} ${what}`;
  return once ? `${text} (once, with ${once.join(', ')})` : text;
}

const from = (at: SourcePos | undefined): string => (at ? `   ${place(at)}` : '');

function ignoredLine({ from, pattern, at }: Ignored): string {
  if (pattern === null) return `  ${from}: not watched: version control, or a temporary file of an editor`;
  const where = at ? ` at ${place(at)}` : '';
  return pattern === '**' ? `  ${from}: not among its files${where}` : `  ${from}: ignored by ${pattern}${where}`;
}
