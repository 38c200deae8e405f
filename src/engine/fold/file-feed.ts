// files/watching, troubled, mended, away: whether what is on disk is known, and what keeps it from being so.
import { problemCodes } from '../../model/problems/code-names.ts';
import type { Problem } from '../../model/problems/problem.ts';
import type { EngineState } from '../../model/state.ts';
import { failing } from './feeds.ts';

type Files = EngineState['files'];

/** All is watched: what had ended the watching is over. What can only be polled still is. */
export const watched = (state: EngineState): EngineState =>
  withFiles(state, {
    watching: true,
    away: null,
    problem: state.files.problem?.code === problemCodes.watchingBrokeDown ? null : state.files.problem,
  });

export const troubled = (state: EngineState, problem: Problem): EngineState => withFiles(state, { problem });

export const mended = (state: EngineState): EngineState => withFiles(state, { problem: null });

/** Nothing is run on what is not there, and nothing is called live. */
export const away = (state: EngineState, dir: string): EngineState =>
  withFiles(state, {
    watching: false,
    away: {
      kind: 'yours',
      code: 'S509',
      what: `${dir} is not there any more`,
      hint: 'all waits for it to come back, and is looked at anew then',
    },
  });

function withFiles(state: EngineState, changes: Partial<Files>): EngineState {
  const files = { ...state.files, ...changes };
  const problem = files.away ?? files.problem;
  if (problem === (state.files.away ?? state.files.problem)) return { ...state, files };
  return {
    ...state,
    files,
    feeds: { ...state.feeds, files: problem ? failing(problem, null) : { ok: true, status: 'ok' } },
  };
}
