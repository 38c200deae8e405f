// Live rules: one key each, in the order in which they run, and within what is watched.
import { resolve } from 'node:path';
import type { FileSet, LiveRule } from '../model/config.ts';
import { matcher } from '../model/fileset.ts';
import type { Path } from './document.ts';
import { staticPart } from './fileset.ts';
import type { Loading } from './loading.ts';
import type { RawLiveRule } from './schema.ts';

const order = ['fallback', 'sync', 'run', 'restart'] as const;
type Step = (typeof order)[number];

/** `files` null: the rules themselves say what is watched. */
export function liveRules(
  raw: readonly RawLiveRule[],
  path: Path,
  files: FileSet | null,
  loading: Loading,
): LiveRule[] {
  const { report } = loading;
  const rules: LiveRule[] = [];
  let reached: Step = 'fallback';
  for (const [i, each] of raw.entries()) {
    const here = [...path, i];
    const step = stepOf(each, here, report);
    if (step === null) continue;
    if (isAfter(reached, step)) {
      const hint = 'the order is: fallback, sync, run, and one restart last';
      report.add('S112', here, `${step} stands after ${reached}`, hint);
    } else reached = step;
    rules.push(rule(each, here, loading));
  }
  if (rules.length > 0 && rules.every(({ is }) => is === 'fallback')) {
    const hint = 'without another rule every change is a full build anyway';
    report.add('S112', path, 'fallback rules without any sync or run', hint);
  }
  if (files) checkWatched(raw, path, files, loading);
  return rules;
}

const isAfter = (reached: Step, step: Step): boolean =>
  order.indexOf(step) < order.indexOf(reached) || (step === 'restart' && reached === 'restart');

/** The one key of a rule, null where that is told as a problem. */
function stepOf(raw: RawLiveRule, path: Path, report: Loading['report']): Step | null {
  if (report.has(path)) return null;
  const [step, ...others] = order.filter((key) => raw[key] !== undefined);
  if (step && others.length === 0) return step;
  const what = step ? `one live rule has both ${step} and ${others.join(' and ')}` : 'this live rule says nothing';
  report.add('S112', path, what, 'each rule has one of fallback, sync, run, restart');
  return null;
}

function rule(raw: RawLiveRule, path: Path, { dir, report }: Loading): LiveRule {
  const at = report.at(path);
  const absolute = (paths: readonly string[]): string[] => paths.map((each) => resolve(dir, each));
  if (raw.fallback) return { is: 'fallback', paths: absolute(raw.fallback), at };
  if (raw.sync)
    return {
      is: 'sync',
      from: resolve(dir, raw.sync.from),
      to: target(raw.sync.to, path, report),
      initial: raw.sync.initial ?? false,
      at,
    };
  if (raw.run) return { is: 'run', cmd: raw.run.cmd, when: raw.run.when ? absolute(raw.run.when) : null, at };
  return { is: 'restart', what: raw.restart ?? 'process', at };
}

function target(to: string, path: Path, report: Loading['report']): string {
  if (!to.startsWith('/'))
    report.add(
      'S103',
      [...path, 'sync', 'to'],
      `sync.to: ${to} is no absolute path`,
      `write /${to.replace(/^\.\//, '')}`,
    );
  return to;
}

function checkWatched(raw: readonly RawLiveRule[], path: Path, files: FileSet, { dir, report }: Loading): void {
  const watched = matcher(files);
  const check = (where: Path, what: string, given: string): void => {
    const { base } = staticPart(resolve(dir, given));
    if (watched.has(base) || watched.mayDescend(base)) return;
    report.add(
      'S113',
      where,
      `${what} ${given} is not among the watched files of this image`,
      'it must lie below the context or deps, and not be ignored',
    );
  };
  for (const [i, each] of raw.entries()) {
    if (each.sync) check([...path, i, 'sync', 'from'], 'sync.from', each.sync.from);
    for (const [j, given] of (each.fallback ?? []).entries()) check([...path, i, 'fallback', j], 'fallback', given);
    for (const [j, given] of (each.run?.when ?? []).entries()) check([...path, i, 'run', 'when', j], 'run.when', given);
  }
}

/** What rules without a build watch. */
export const livePaths = (rules: readonly LiveRule[]): string[] =>
  rules.flatMap((each) =>
    each.is === 'sync' ? [each.from] : each.is === 'fallback' ? each.paths : each.is === 'run' ? (each.when ?? []) : [],
  );
