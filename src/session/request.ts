// Requests of editors, agents and the other commands: one JSON object a line, one answer each. The socket and stdin share it.
import { filter, first, firstValueFrom, map, type Observable, takeUntil, timer } from 'rxjs';
import { isRunning } from '../engine/resource.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { LogFilter, LogLevel, LogReader, LogSource } from '../model/log.ts';
import { lookup } from '../model/lookup.ts';
import type { FilesPort } from '../model/ports.ts';
import type { Problem } from '../model/problem.ts';
import type { PublicState, UserAction } from '../model/public-state.ts';
import type { EngineState } from '../model/state.ts';

export interface Answering {
  readonly state$: Observable<EngineState>;
  readonly shown: (state: EngineState) => PublicState;
  readonly logs: LogReader;
  readonly files: Pick<FilesPort, 'flush'>;
  readonly put: (fact: Fact) => void;
  readonly by: 'socket' | 'stdin';
  /** The requester has gone: what waits for it ends. */
  readonly gone$: Observable<unknown>;
}

export type Answer =
  | { readonly id: unknown; readonly ok: true; readonly result: unknown }
  | { readonly id: unknown; readonly ok: false; readonly problem: Problem };

type Json = Readonly<Record<string, unknown>>;

/** Never rejects: what is wrong with the request is its answer. */
export async function answer(line: string, it: Answering): Promise<Answer> {
  let request: Json;
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Error('not an object');
    request = parsed as Json;
  } catch {
    return no(null, 'S621', 'a request is one JSON object on one line', '{"id": 1, "do": "status"}');
  }
  const id = request.id ?? null;
  const state = await firstValueFrom(it.state$);
  switch (request.do) {
    case 'status':
      return { id, ok: true, result: it.shown(state) };
    case 'logs':
      return logs(id, request, state, it);
    case 'wait':
      return wait(id, request, state, it);
    case 'stop':
      it.put({ type: 'user/asked', action: { do: 'stop' }, by: it.by });
      return { id, ok: true, result: null };
    case 'trigger':
    case 'cancel':
    case 'enable':
    case 'disable':
    case 'mode':
    case 'restart':
      return act(id, request, state, it);
    default:
      return no(
        id,
        'S622',
        `no such request: ${String(request.do).slice(0, 50)}`,
        'trigger, cancel, enable, disable, mode, restart, wait, status, logs or stop',
      );
  }
}

const no = (id: unknown, code: string, what: string, hint?: string): Answer => ({
  id,
  ok: false,
  problem: { kind: 'yours', code, what, ...(hint ? { hint } : {}) },
});

function names(request: Json): readonly string[] {
  const all = Array.isArray(request.resources)
    ? request.resources
    : request.resource === undefined
      ? []
      : [request.resource];
  return all.filter((name): name is string => typeof name === 'string');
}

function unknownName(id: unknown, asked: readonly string[], state: EngineState): Answer | null {
  const unknown = asked.find((name) => !lookup(state.resources, name));
  return unknown === undefined
    ? null
    : no(id, 'S623', `no resource ${unknown.slice(0, 100)}`, `there are: ${state.order.join(', ')}`);
}

function act(id: unknown, request: Json, state: EngineState, it: Answering): Answer {
  const asked = request.all === true ? state.order : names(request);
  if (asked.length === 0)
    return no(
      id,
      'S624',
      `${String(request.do)} needs a resource`,
      `{"id": 1, "do": "${String(request.do)}", "resource": "NAME"}`,
    );
  const unknown = unknownName(id, asked, state);
  if (unknown) return unknown;
  if (request.do === 'mode' && request.mode !== 'auto' && request.mode !== 'manual')
    return no(id, 'S625', 'mode is auto or manual');
  for (const resource of asked) {
    const action = {
      do: request.do,
      resource,
      ...(request.do === 'mode' ? { mode: request.mode } : {}),
      ...(request.force === true ? { force: true } : {}),
    };
    it.put({ type: 'user/asked', action: action as UserAction, by: it.by });
  }
  return { id, ok: true, result: { resources: asked } };
}

function logs(id: unknown, request: Json, state: EngineState, it: Answering): Answer {
  const asked = names(request);
  const unknown = unknownName(id, asked, state);
  if (unknown) return unknown;
  const filter: LogFilter = {
    ...(asked.length > 0 ? { resources: asked } : {}),
    ...(request.source === 'build' || request.source === 'runtime' ? { sources: [request.source as LogSource] } : {}),
    ...(typeof request.level === 'string' ? { level: request.level as LogLevel } : {}),
  };
  const wanted = typeof request.tail === 'number' && request.tail > 0 ? request.tail : limits.requestLogLines;
  return { id, ok: true, result: it.logs.tail(filter, Math.min(wanted, limits.requestLogLines)).lines };
}

/** Ready, or with `fresh`: every change saved up to now is live. Answers when that is so, cannot be, or time ran out. */
async function wait(id: unknown, request: Json, state: EngineState, it: Answering): Promise<Answer> {
  const asked = names(request);
  const unknown = unknownName(id, asked, state);
  if (unknown) return unknown;
  const timeoutMs = typeof request.timeoutMs === 'number' ? request.timeoutMs : limits.waitMs;
  const fresh = request.fresh === true;
  if (fresh) await it.files.flush();
  const reached = (now: EngineState): Answer | null => {
    const resources = asked.length > 0 ? asked : now.order;
    const verdicts = resources.map((name) => waitVerdict(now, name, fresh));
    if (verdicts.some((verdict) => verdict === null) || now.files.settling) return null;
    const failed = resources.filter((_, i) => verdicts[i] === 'failed');
    const shown = it.shown(now);
    const result = {
      ok: failed.length === 0,
      changes: shown.changes,
      failed,
      problems: failed.flatMap((name) => problemsOf(shown, name)),
    };
    return { id, ok: true, result };
  };
  return firstValueFrom(
    it.state$.pipe(
      map(reached),
      filter((answer) => answer !== null),
      first(),
      takeUntil(it.gone$),
      takeUntil(timer(timeoutMs)),
    ),
    {
      defaultValue: {
        id,
        ok: false,
        problem: {
          kind: 'timeout',
          code: 'S626',
          what: `not ${fresh ? 'live' : 'ready'} after ${timeoutMs / 1000} s`,
          hint: 'see `sluice status` for what it waits for',
        },
      },
    },
  );
}

function waitVerdict(state: EngineState, name: string, fresh: boolean): 'ok' | 'failed' | null {
  const resource = lookup(state.resources, name);
  if (!resource?.enabled) return 'ok';
  if (state.config.wanted !== state.config.loaded || isRunning(resource) || resource.asked !== null) return null;
  if (resource.last?.outcome === 'failed' && resource.given >= resource.seen) return 'failed';
  if (resource.runtime.status === 'failed') return 'failed';
  if (!resource.hasSucceeded) return !resource.spec.start && resource.last === null ? 'ok' : null;
  const isUp = resource.runtime.status === 'ready' || resource.runtime.status === 'done';
  return isUp && (!fresh || resource.live >= resource.seen) ? 'ok' : null;
}

function problemsOf(shown: PublicState, name: string): readonly Problem[] {
  const resource = lookup(shown.resources, name);
  return [resource?.update.problem, resource?.runtime.problem].filter((problem) => problem !== undefined);
}
