// Words for states and problems in lines of text, the same in the plain view and in the report of `ci`.
import { relative, resolve } from 'node:path';
import type { Problem, SourcePos } from '../model/problems/problem.ts';
import type { PublicResource } from '../model/public-state.ts';
import type { HoldReason } from '../model/state.ts';
import { spelled } from '../model/text/invisible.ts';
import { lookup } from '../model/text/lookup.ts';

/** Names and messages come from outside: shown with control characters spelled out, on one line. */
export const visible = (text: string): string => spelled(text.replace(/[\n\t]/g, ' '));

/** `file:line:column`, the file as `dir` sees it: the one form of every command and output. */
export function place({ file, line, column }: SourcePos, dir = process.cwd()): string {
  const [absolute, short] = [resolve(dir, file), relative(dir, resolve(dir, file))];
  return `${short !== '' && short.length < absolute.length ? short : absolute}:${line}:${column}`;
}

export const placeOf = ({ at }: Problem): string => (at ? place(at) : '');

/** `what at file:line:column`, on one line. */
export const sentenceOf = (problem: Problem): string =>
  visible(problem.at ? `${problem.what} at ${placeOf(problem)}` : problem.what);

/** `1.2 s`, `1 m 05 s`. */
export function spell(ms: number): string {
  if (ms < 59_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
}

/** Does all of it run, and is it the newest? */
export const isLive = ({ update, runtime, changes }: PublicResource): boolean =>
  update.status === 'ok' &&
  changes.live >= changes.seen &&
  (runtime.status === 'ready' || runtime.status === 'done' || runtime.status === 'none');

/** Is the newest save what runs? `live`, `2 saves behind`, and `–` for what does not run. */
export function standingText({ enabled, runtime, changes }: PublicResource): string {
  const behind = changes.behind ?? Math.max(0, changes.seen - changes.live);
  if (enabled && behind > 0) return `${behind} ${behind === 1 ? 'save' : 'saves'} behind`;
  return enabled && (runtime.status === 'ready' || runtime.status === 'done') ? 'live' : '–';
}

/** The first problem of a resource: that of its update, else of what runs. */
export const problemOf = ({ update, runtime }: PublicResource): Problem | undefined =>
  (update.status === 'failed' ? update.problem : undefined) ??
  (runtime.status === 'failed' ? runtime.problem : undefined);

export const hasProblem = ({ update, runtime }: PublicResource, { what }: Problem): boolean =>
  update.problem?.what === what || runtime.problem?.what === what;

type Said = (on: string) => string;

const reasons: Readonly<Record<HoldReason, Said>> = {
  'config-reload': () => 'for the configuration to be read',
  watching: () => 'for the files to be watched',
  git: () => 'for git to finish',
  docker: () => 'for Docker',
  cluster: (on) => (on === '' || on === 'cluster' ? 'for the cluster' : `for the cluster ${on}`),
  removing: () => 'for what ran before to be removed',
  needs: (on) => `for ${on || 'what it needs'}`,
  uncategorized: () => 'for the objects that belong to no workload',
  'shared-image': (on) => (on ? `for an image shared with ${on}` : 'for an image that is being built'),
  'container-starting': () => 'for its container to start',
  'container-paused': (on) => `for ${on || 'its container'} to be unpaused`,
  slots: () => 'for a free slot',
  manual: () => 'to be triggered',
};

/** Where it can be opened, and which local ports cannot be and why. */
export const openAt = ({ endpoints, forwards }: PublicResource): readonly string[] => [
  ...endpoints,
  ...forwards.flatMap(({ problem }) => problem?.what ?? []),
];

/** What a resource waits for, to stand behind `waits` or `waiting`: `for db, cache`. */
export function holdOf({ reason, on }: { readonly reason: string; readonly on: readonly string[] }): string {
  const names = visible(on.join(', '));
  // A recording of a later version may hold for reasons that are unknown here.
  return lookup(reasons, reason)?.(names) ?? `for ${names || visible(reason)}`;
}

type Waiting = Parameters<typeof holdOf>[0] & { readonly built?: true };

/** What is done already of that which waits, to stand before the rest: `built; `. */
export const doneBefore = ({ built }: Waiting): string => (built ? 'built; ' : '');

/** `waiting for db, cache`, `built; waiting for db`. */
export const waitingFor = (hold: Waiting): string => `${doneBefore(hold)}waiting ${holdOf(hold)}`;
