// What became different between two states, as lines for people.
import { namesChanged } from '../engine/resources/resource-list.ts';
import { those } from '../engine/resources/those.ts';
import type { Problem } from '../model/problems/problem.ts';
import type { Health, PublicResource, PublicState } from '../model/public-state.ts';
import { lookup } from '../model/text/lookup.ts';
import { isLive, problemOf, sentenceOf, spell, visible, waitingFor } from './wording.ts';

export type Tone = 'plain' | 'good' | 'bad' | 'quiet';

export interface News {
  /** Null: about the session. */
  readonly resource: string | null;
  readonly tone: Tone;
  readonly text: string;
  /** Where a report at the end tells the rest: said instead, null: left out. */
  readonly brief?: string | null;
}

/** The run of each resource that was said to be live: what comes back without another one is live again. */
export type Told = Map<string, string | undefined>;

/** `before` null: the first state. Costs O(what changed), as unchanged resources are the same objects. */
export function newsOf(before: PublicState | null, after: PublicState, told: Told): readonly News[] {
  const news: News[] = [...sessionNews(before, after)];
  // What comes down because the session ends is no news.
  if (before?.resources !== after.resources && after.phase !== 'draining')
    for (const name of (before && namesChanged(before.resources, after.resources)) ?? after.order) {
      const now = lookup(after.resources, name);
      if (!now) continue;
      for (const line of resourceNews(lookup(before?.resources, name), now, told))
        news.push({ resource: name, ...line });
    }
  if (isAllReady(after) && !(before && isAllReady(before))) news.push(...allReady(after));
  if (isEmpty(after) && !(before && isEmpty(before))) news.push(nothingThere);
  return news;
}

type Line = Omit<News, 'resource'>;

function sessionNews(before: PublicState | null, after: PublicState): News[] {
  const lines: Line[] = [];
  if (
    after.config !== before?.config &&
    JSON.stringify(after.config.problems) !== JSON.stringify(before?.config.problems ?? [])
  ) {
    for (const problem of after.config.problems)
      lines.push(...problemLines('', problem, after.config.ok ? 'plain' : 'bad'));
    if (before && !before.config.ok && after.config.ok)
      lines.push({ tone: 'good', text: 'the configuration is good again' });
  }
  lines.push(
    ...healthLines('Docker', before?.docker, after.docker),
    ...healthLines('cluster', before?.cluster, after.cluster),
  );
  if (after.feeds !== before?.feeds)
    for (const [name, health] of Object.entries(after.feeds))
      lines.push(...healthLines(name, lookup(before?.feeds, name), health));
  if (after.git.held && !before?.git.held)
    lines.push({ tone: 'quiet', text: `waiting: ${visible(after.git.because)}` });
  if (after.phase === 'draining' && before?.phase !== 'draining') lines.push({ tone: 'quiet', text: 'stopping' });
  return lines.map((line) => ({ resource: null, ...line }));
}

function healthLines(name: string, was: Health | undefined, now: Health): Line[] {
  const label = visible(name);
  if (now.problem && now.problem.what !== was?.problem?.what)
    return problemLines(`${label}: `, now.problem, 'bad', `${label}: ${now.status}`);
  if (now.ok && was?.problem) return [{ tone: 'good', text: `${label}: there again` }];
  return [];
}

function resourceNews(was: PublicResource | undefined, now: PublicResource, told: Told): Line[] {
  return [...updateNews(was, now, told), ...runtimeNews(was, now), ...forwardNews(was, now)];
}

function updateNews(was: PublicResource | undefined, now: PublicResource, told: Told): Line[] {
  const { update } = now;
  const isNew = update.status !== was?.update.status || update.run !== was?.update.run;
  switch (update.status) {
    case 'running':
      return isNew
        ? [{ tone: 'plain', text: `${now.kind === 'local' ? 'running' : 'building'}${because(update.why)}` }]
        : [];
    case 'held':
    case 'pending': {
      const text = update.hold ? waitingFor(update.hold) : null;
      const before = was?.update.hold ? waitingFor(was.update.hold) : null;
      // Over in a moment at every start and edit: no news.
      if (update.hold?.reason === 'watching' || update.hold?.reason === 'config-reload') return [];
      return text && text !== before ? [{ tone: 'quiet', text }] : [];
    }
    case 'failed':
      return isNew && update.problem ? problemLines('failed: ', update.problem, 'bad', 'failed') : [];
    case 'cancelled':
      return isNew ? [{ tone: 'quiet', text: 'cancelled' }] : [];
    case 'ok':
      return okNews(was, now, isNew, told);
    default:
      return [];
  }
}

function okNews(was: PublicResource | undefined, now: PublicResource, isNew: boolean, told: Told): Line[] {
  const { name, update, runtime } = now;
  const isAgain = told.has(name) && told.get(name) === update.run;
  const startedAt = update.startedAt ?? 0;
  const endedAt = update.endedAt ?? startedAt;
  const how = update.strategy ? ` (${visible(update.strategy)})` : '';
  if (isLive(now)) {
    const wasLive = was !== undefined && isLive(was) && was.update.run === update.run;
    const liveAt = Math.max(endedAt, runtime.since ?? 0);
    told.set(name, update.run);
    if (wasLive || (was?.update.run === update.run && was?.runtime.status === 'failed')) return [];
    return [{ tone: 'good', text: isAgain ? 'live again' : `live in ${spell(liveAt - startedAt)}${how}` }];
  }
  if (isAgain && runtime.status === 'pending') return fallenNews(was, now);
  if (!isNew || runtime.status === 'failed') return [];
  return [{ tone: 'plain', text: `updated in ${spell(endedAt - startedAt)}${how}, not ready yet` }];
}

/** What was live and is not: that it fell, and what it waits for once that is known. */
function fallenNews(was: PublicResource | undefined, { runtime: { text } }: PublicResource): Line[] {
  const isNews = (was && isLive(was)) || (was?.runtime.text !== text && text.includes(': '));
  return isNews ? [{ tone: 'quiet', text: `no longer ready: ${visible(text)}` }] : [];
}

function runtimeNews(was: PublicResource | undefined, now: PublicResource): Line[] {
  const { runtime } = now;
  const lines: Line[] = [];
  if (was && runtime.restarts > was.runtime.restarts)
    lines.push({ tone: 'bad', text: `restarted (${runtime.restarts} so far)` });
  const isFailed = runtime.status === 'failed';
  if (
    isFailed &&
    runtime.problem &&
    (was?.runtime.status !== 'failed' || was.runtime.problem?.what !== runtime.problem.what)
  )
    lines.push(...problemLines('failed: ', runtime.problem, 'bad', `failed (${visible(runtime.text)})`));
  // Not failed yet, but what stands in its way is known, as of a Job its last try; a server's probe has said it in the log.
  const isTold = now.kind === 'local' || runtime.problem?.what === was?.runtime.problem?.what;
  if (runtime.status === 'pending' && runtime.problem && !isTold)
    lines.push({ tone: 'quiet', text: `not ready yet: ${sentenceOf(runtime.problem)}`, brief: 'not ready yet' });
  if (was?.runtime.status === 'failed' && runtime.status === 'ready') lines.push({ tone: 'good', text: 'ready again' });
  return lines;
}

/** A local port that is taken is told, and that it no longer is. */
function forwardNews(was: PublicResource | undefined, now: PublicResource): Line[] {
  if (was?.forwards === now.forwards) return [];
  return now.forwards.flatMap(({ local, status, problem }): Line[] => {
    const before = was?.forwards.find((forward) => forward.local === local);
    if (problem) return problem.what === before?.problem?.what ? [] : problemLines('', problem, 'bad');
    return before?.problem && status !== 'failed' ? [{ tone: 'good', text: `port ${local} is forwarded now` }] : [];
  });
}

const because = (why: readonly string[]): string => {
  if (why.length === 0) return '';
  return ` (${visible(why[0] as string)}${why.length > 1 ? ` and ${why.length - 1} more` : ''})`;
};

/** The problem, its hint, and the tail of its log. */
function problemLines(label: string, problem: Problem, tone: Tone, brief?: string): Line[] {
  return [
    { tone, text: label + sentenceOf(problem), ...(brief === undefined ? {} : { brief }) },
    ...(problem.logTail ?? []).map((text): Line => ({ tone: 'quiet', text: `  ${visible(text)}`, brief: null })),
    ...(problem.hint ? [{ tone: 'plain' as const, text: `hint: ${visible(problem.hint)}`, brief: null }] : []),
  ];
}

function isAllReady(state: PublicState): boolean {
  if (!state.idle || !state.config.ok) return false;
  return enabledIn(state).length > 0 && notReadyIn(state).length === 0;
}

/** Nothing will ever be said of anything. */
const isEmpty = ({ phase, idle, config, order }: PublicState): boolean =>
  phase === 'up' && idle && config.ok && order.length === 0;

const nothingThere: News = { resource: null, tone: 'quiet', text: 'there is nothing to bring up: no resources' };

const enabledIn = those(({ enabled }: PublicResource) => enabled);
const notReadyIn = those((resource: PublicResource) => resource.enabled && !(isLive(resource) && !problemOf(resource)));

function allReady(state: PublicState): News[] {
  const urls = state.order.flatMap((name) =>
    (lookup(state.resources, name)?.endpoints ?? []).map((url) => `${name}: ${url}`),
  );
  return [
    { resource: null, tone: 'good', text: 'all ready' },
    ...urls.map((text): News => ({ resource: null, tone: 'plain', text: visible(text) })),
  ];
}
