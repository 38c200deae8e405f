// Plays a recording through the reducer, and on request through the full-screen view: no cluster, no Docker, no files.

import { setTimeout as sleep } from 'node:timers/promises';
import { BehaviorSubject } from 'rxjs';
import { guarded } from '../../engine/fault.ts';
import { publicStates } from '../../engine/public.ts';
import { reduce, seed } from '../../engine/reduce.ts';
import { createLogStore } from '../../logs/store.ts';
import { ProblemError } from '../../model/problems/problem.ts';
import type { PublicState } from '../../model/public-state.ts';
import { lastWords } from '../../session/end/last-words.ts';
import { actionsOf } from './recording-lines.ts';

export interface ReplayRequest {
  readonly file: string;
  /** 1 is the speed of the recording, 0 as fast as it goes. */
  readonly speed: number;
  /** Stop after the action of this number. */
  readonly until: number;
  readonly view: 'tui' | 'none';
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Resolves with the last state once the recording is over and the view is closed. */
export async function replay(request: ReplayRequest): Promise<PublicState> {
  const logs = createLogStore({ dir: null });
  const shown = publicStates(lastWords(logs));
  const state$ = new BehaviorSubject(shown(seed));
  let now = Date.now();
  const tui = request.view === 'tui' ? await screen(request, state$, logs, () => now) : null;
  const fold = guarded(reduce);
  let state = seed;
  let at: number | null = null;
  const closed = tui?.closed.then(() => true) ?? new Promise<boolean>(() => {});
  for await (const { action, line } of actionsOf(request.file)) {
    if (action.seq > request.until) break;
    if (
      request.speed > 0 &&
      action.type !== 'clock/set' &&
      at !== null &&
      action.at > at &&
      (await Promise.race([closed, sleep((action.at - at) / request.speed, false)]))
    )
      break;
    at = action.at;
    now = action.at;
    state = fold(state, action);
    if (state.bug?.inReducer) throw unplayable(request.file, line, action.type);
    if (action.type === 'log/appended')
      logs.line({ resource: action.resource, source: 'runtime' }, 'info', action.last, action.at);
    if (!action.more) state$.next(shown(state));
  }
  if (tui) await closed;
  tui?.close();
  await logs.close();
  return shown(state);
}

/** Whatever its fields are: they were written by other code, or led to a bug which the recording was made for. */
const unplayable = (file: string, line: number, type: string): ProblemError =>
  new ProblemError({
    kind: 'yours',
    code: 'S632',
    what: `the fact ${type.slice(0, 60)} of this line cannot be played`,
    hint: 'play it with the version of sluice that wrote it, or as far as the line before: --until',
    at: { file, line, column: 1 },
  });

async function screen(
  request: ReplayRequest,
  state$: BehaviorSubject<PublicState>,
  logs: ReturnType<typeof createLogStore>,
  now: () => number,
) {
  const { startTui } = await import('../../view/tui/index.ts');
  return startTui({
    state$,
    logs,
    act: () => {},
    clearLogs: () => {},
    input: process.stdin,
    output: process.stdout,
    env: request.env,
    now,
    keysFile: null,
    openUrl: () => {},
    title: `replay of ${request.file}`,
  });
}
