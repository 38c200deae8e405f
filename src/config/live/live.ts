// Live rules: one key each, in the order in which they run, and within what is watched.
import { basename, resolve } from 'node:path';
import type { FileSet, LiveRule } from '../../model/config.ts';
import { literal } from '../../model/fileset.ts';
import { isDirectory, type Loading } from '../load-context.ts';
import type { RawLiveRule } from '../schema/schema.ts';
import { type Place, placesOf, realPath, withoutBraces } from '../values/place.ts';
import type { Path } from '../yaml/document.ts';
import { checkReached, checkWatched, isWithin } from './reach.ts';

const order = ['fallback', 'sync', 'run', 'restart'] as const;
type Step = (typeof order)[number];
type Sync = NonNullable<RawLiveRule['sync']>;

/** `files` null: the rules themselves say what is watched. */
export async function liveRules(
  raw: readonly RawLiveRule[],
  path: Path,
  files: FileSet | null,
  loading: Loading,
): Promise<LiveRule[]> {
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
    rules.push(await rule(each, here, loading));
  }
  if (rules.length === raw.length) checkEffect(rules, path, loading);
  if (files) await checkWatched(raw, path, files, loading);
  await checkReached(raw, rules, path, loading);
  return rules;
}

/** A change that no sync rule covers is a full build: a rule that waits for such changes alone would never be carried out. */
function checkEffect(rules: readonly LiveRule[], path: Path, { report }: Loading): void {
  const syncs = rules.filter((each) => each.is === 'sync');
  if (rules.length > 0 && syncs.length === 0) {
    const kinds = [...new Set(rules.map(({ is }) => is))].join(' and ');
    const hint =
      'a change that no sync rule covers is a full build anyway: add one for the files that go into the container';
    report.add('S112', path, `${kinds} rules without any sync`, hint);
    return;
  }
  for (const [i, each] of rules.entries()) {
    const hidden =
      each.is === 'sync' && syncs.slice(0, syncs.indexOf(each)).find(({ from }) => isWithin(each.from, from));
    if (hidden) {
      const hint = `put it before the rule of line ${hidden.at.line}: the first that covers a file is the one that counts`;
      report.add(
        'S112',
        [...path, i, 'sync', 'from'],
        'this sync rule is never reached: one before it covers all its files',
        hint,
      );
    }
  }
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

async function rule(raw: RawLiveRule, path: Path, loading: Loading): Promise<LiveRule> {
  const { dir, report } = loading;
  const at = report.at(path);
  const absolute = async (texts: readonly string[]): Promise<string[]> =>
    (await placesOf(dir, texts, loading)).flatMap(patternsOf);
  if (raw.fallback) return { is: 'fallback', paths: await absolute(raw.fallback), at };
  if (raw.sync) return sync(raw.sync, path, loading);
  if (raw.run) return { is: 'run', cmd: raw.run.cmd, when: raw.run.when ? await absolute(raw.run.when) : null, at };
  return { is: 'restart', what: raw.restart ?? 'process', at };
}

/** The text itself, which may be the name of a file such as `[id].ts`, and the pattern that it may be as well. */
function patternsOf({ real, glob }: Place): string[] {
  const base = literal(real);
  if (glob === null) return [base];
  return [...new Set([`${base}/${literal(glob)}`, ...withoutBraces(glob).map((each) => `${base}/${each}`)])];
}

async function sync({ from, to, initial = false }: Sync, path: Path, loading: Loading): Promise<LiveRule> {
  const { dir, disk, report } = loading;
  const given = resolve(dir, from);
  const real = await realPath(given, loading);
  const into = target(to, path, report);
  // A file that is put into a directory keeps the name that it is given here.
  const isRenamed = into.endsWith('/') && basename(given) !== basename(real) && !(await isDirectory(disk, real));
  return { is: 'sync', from: real, to: isRenamed ? `${into}${basename(given)}` : into, initial, at: report.at(path) };
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

/** The files that rules name, as written. */
export const livePaths = (rules: readonly RawLiveRule[]): string[] =>
  rules.flatMap(({ sync, fallback, run }) => [...(sync ? [sync.from] : []), ...(fallback ?? []), ...(run?.when ?? [])]);
