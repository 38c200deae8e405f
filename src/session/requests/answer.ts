// Requests of editors, agents and the other commands: one JSON object a line, one answer each, or several to who follows.
// The socket and stdin share it.
import { setImmediate as turn } from 'node:timers/promises';
import { filter, firstValueFrom, fromEvent, map, merge, type Observable } from 'rxjs';
import { scrubbedValue } from '../../logs/scrub/scrub-json.ts';
import type { Fact } from '../../model/fact.ts';
import { limits } from '../../model/limits.ts';
import type { LogReader, LogStore } from '../../model/log.ts';
import type { DockerPort, FilesPort, KubePort } from '../../model/ports.ts';
import { isProblemError, type Problem } from '../../model/problems/problem.ts';
import type { PublicState, UserAction } from '../../model/public-state.ts';
import type { EngineState } from '../../model/state.ts';
import { isDeeper } from '../../model/text/json.ts';
import { lookup } from '../../model/text/lookup.ts';
import { hintFor } from '../../model/text/nearest.ts';
import { containersIn } from './containers-in.ts';
import { fieldProblem } from './fields.ts';
import { followLogs, followState, sound } from './follow.ts';
import { logQuery } from './log-query.ts';
import { previousLogs } from './previous-logs.ts';
import { waitNews } from './wait.ts';

export interface Answering {
  readonly state$: Observable<EngineState>;
  readonly shown: (state: EngineState) => PublicState;
  readonly logs: LogReader & Pick<LogStore, 'scrub'>;
  readonly kube: () => Promise<KubePort>;
  readonly docker: () => Promise<DockerPort>;
  readonly files: Pick<FilesPort, 'flush'>;
  readonly put: (fact: Fact) => void;
  readonly by: 'socket' | 'stdin';
  /** Aborted when the requester has gone: what waits for it ends. */
  readonly gone: AbortSignal;
}

export type Answer =
  /** `more`: others to the same request follow. */
  | { readonly id: unknown; readonly ok: true; readonly result: unknown; readonly more?: true }
  | { readonly id: unknown; readonly ok: false; readonly problem: Problem };

export type Request = Readonly<Record<string, unknown>>;

interface Asked {
  readonly id: unknown;
  readonly request: Request;
  readonly state: EngineState;
  /** Of resources, each of them there; empty for all. */
  readonly names: readonly string[];
}

type Verb = (asked: Asked, session: Answering) => AsyncIterable<Answer> | Iterable<Answer>;

const verbs: ReadonlyMap<unknown, Verb> = new Map<unknown, Verb>([
  ['trigger', act],
  ['cancel', act],
  ['enable', act],
  ['disable', act],
  ['mode', act],
  ['restart', act],
  ['wait', wait],
  ['status', status],
  ['logs', logs],
  ['stop', stop],
]);

/** Never throws: what is wrong with a request is its answer. The next answer is made once the one before has been taken. */
export async function* answers(line: string, session: Answering): AsyncGenerator<Answer> {
  const request = parsed(line);
  if (request === null) {
    yield no(null, 'S621', 'a request is one JSON object on one line', '{"id": 1, "do": "status"}');
    return;
  }
  const id = idIn(request);
  const verb = verbs.get(request.do);
  if (!verb) {
    const asked = String(request.do ?? '').slice(0, 50);
    const what = asked === '' ? 'this request has no do' : `no such request: ${asked}`;
    yield no(id, 'S622', what, hintFor(asked, [...verbs.keys()] as string[], 'there are'));
    return;
  }
  const wrong = fieldProblem(request);
  if (wrong) {
    yield { id, ok: false, problem: wrong };
    return;
  }
  // What the requests before this one, or the world, put in a moment ago is folded by then.
  await turn();
  const names = namesIn(request);
  const state = await stateThatKnows(names, session);
  const unknown = names.find((name) => !lookup(state.resources, name));
  if (unknown !== undefined)
    return yield no(id, 'S623', `no resource ${unknown.slice(0, 100)}`, hintFor(unknown, state.order, 'there are'));
  try {
    yield* verb({ id, request, state, names }, session);
  } catch (error) {
    if (!isProblemError(error)) throw error;
    yield { id, ok: false, problem: error.problem };
  }
}

/** Text, a number or nothing: what else might stand there has no bound to its depth. */
export const idIn = ({ id }: Request): string | number | null =>
  typeof id === 'string' || typeof id === 'number' ? id : null;

function parsed(line: string): Request | null {
  if (isDeeper(line, limits.requestDepth)) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Request) : null;
  } catch {
    return null;
  }
}

function namesIn({ resources, resource }: Request): readonly string[] {
  const all = Array.isArray(resources) ? resources : resource === undefined ? [] : [resource];
  return all.filter((name): name is string => typeof name === 'string');
}

/** While the configuration is read a name may be one that is not known yet: a script asks right after it started `up`. */
function stateThatKnows(names: readonly string[], { state$, gone }: Answering): Promise<EngineState> {
  const isKnown = ({ resources }: EngineState): boolean => names.every((name) => lookup(resources, name) !== undefined);
  return firstValueFrom(
    state$.pipe(filter((state) => gone.aborted || isKnown(state) || state.config.loaded === state.config.wanted)),
  );
}

const yes = (id: unknown, result: unknown): Answer => ({ id, ok: true, result });
const andMore = (id: unknown, result: unknown): Answer => ({ id, ok: true, result, more: true });
const no = (id: unknown, code: string, what: string, hint?: string): Answer => ({
  id,
  ok: false,
  problem: { kind: 'yours', code, what, ...(hint ? { hint } : {}) },
});

function* stop({ id }: Asked, session: Answering): Iterable<Answer> {
  session.put({ type: 'user/asked', action: { do: 'stop' }, by: session.by });
  yield yes(id, null);
}

function* act({ id, request, state, names }: Asked, session: Answering): Iterable<Answer> {
  const verb = String(request.do);
  const asked = request.all === true ? state.order : names;
  if (asked.length === 0) {
    yield no(id, 'S624', `${verb} needs a resource`, `{"id": 1, "do": "${verb}", "resource": "NAME"}`);
    return;
  }
  if (verb === 'mode' && request.mode !== 'auto' && request.mode !== 'manual') {
    const given = String(request.mode ?? '').slice(0, 50);
    const what = given === '' ? 'mode lacks the mode' : `no mode ${given}`;
    yield no(id, 'S625', what, hintFor(given, ['auto', 'manual'], 'there are'));
    return;
  }
  for (const resource of asked) {
    const action = {
      do: verb,
      resource,
      ...(verb === 'mode' ? { mode: request.mode } : {}),
      ...(request.force === true ? { force: true } : {}),
    };
    session.put({ type: 'user/asked', action: action as UserAction, by: session.by });
  }
  yield yes(id, { resources: asked });
}

/** With `watch`: again whenever it changes. */
async function* status({ id, request, state }: Asked, session: Answering): AsyncIterable<Answer> {
  if (request.watch !== true || session.by === 'stdin') {
    yield request.watch === true ? inStream(id, 'patches') : yes(id, session.shown(state));
    return;
  }
  for await (const next of followState(session.state$, session.gone)) yield andMore(id, session.shown(next));
  yield yes(id, null);
}

/** With `follow`: the lines that come as well, until the session ends. With `previous`: of containers before these. */
async function* logs({ id, request, state, names }: Asked, session: Answering): AsyncIterable<Answer> {
  const query = logQuery(request, names, Date.now(), containersIn(state, names));
  if ('problem' in query) {
    yield { id, ok: false, problem: query.problem };
    return;
  }
  const { filter: wanted, tail, since } = query;
  if (request.previous === true) {
    const { kube, docker, gone } = session;
    const found = await previousLogs(state, { names, query, kube, docker, scrub: session.logs.scrub, stop: gone });
    yield 'problem' in found ? { id, ok: false, problem: found.problem } : yes(id, found.lines);
    return;
  }
  if (request.follow !== true || session.by === 'stdin') {
    const lines = sound(session.logs.tail(wanted, tail)).lines.filter(({ at }) => at >= since);
    yield request.follow === true ? inStream(id, 'log records') : yes(id, lines);
    return;
  }
  for await (const lines of followLogs(session.logs, wanted, tail, session.gone))
    yield andMore(
      id,
      lines.filter(({ at }) => at >= since),
    );
  yield yes(id, []);
}

/** Whoever asks on stdin reads the stream, which has all of it. */
const inStream = (id: unknown, records: string): Answer =>
  no(id, 'S636', `nothing to follow here: the stream has the ${records} already`);

async function* wait({ id, request, names }: Asked, session: Answering): AsyncIterable<Answer> {
  const timeoutMs = typeof request.timeoutMs === 'number' ? request.timeoutMs : limits.waitMs;
  const wish = { resources: names, fresh: request.fresh === true, timeoutMs };
  const until = performance.now() + timeoutMs;
  const gone$ = fromEvent(session.gone, 'abort').pipe(map(() => null));
  if (wish.fresh) {
    await session.files.flush();
    await turn();
  }
  while (!session.gone.aborted) {
    const news$ = waitNews(session.state$, session.shown, wish, Math.max(0, until - performance.now()));
    const news = await firstValueFrom(merge(news$, gone$), { defaultValue: null });
    if (news === null) return;
    const told = <T>(value: T): T => scrubbedValue(value, session.logs.scrub);
    if (news.is === 'late') yield { id, ok: false, problem: told(news.problem) };
    else if (news.is === 'over') yield yes(id, told(news.waited));
    else if (request.progress === true) yield andMore(id, { waiting: told(news.waiting) });
    if (news.is !== 'waiting') return;
  }
}
