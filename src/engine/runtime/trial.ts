// Does what was put into a container keep running? An update that starts the process anew is on trial until the new one is
// up; a container that ended under such files gets them once more, on a longer trial, and not again when it fails that.
import { limits } from '../../model/limits.ts';
import type { Container, Pod, ProbeQuestion } from '../../model/pods/pod.ts';
import type { EngineState, Trial } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';

type Trials = EngineState['trials'];

export const trialKey = (podUid: string, container: string): string => `${podUid}/${container}`;

const isSame = (trial: Trial, container: Container): boolean =>
  container.id === trial.id && container.state === 'running';

/** `id` was updated at `at`; `container` is what stands in its place now, null where nothing is known of it. */
export function begun(
  before: Trial | undefined,
  id: string,
  container: Container | null,
  wasRestarted: boolean,
  at: number,
): Trial {
  const isSuspect = before !== undefined && (before.is === 'fell' || before.is === 'over');
  const isGoingOn = before?.is === 'trying' && before.id === id;
  if (isGoingOn && !wasRestarted) return before;
  const isOnTrial = wasRestarted || isSuspect;
  const hasProbe = container?.probe != null;
  const least = wasRestarted && !hasProbe ? limits.processStayMs : 0;
  const stayMs = isSuspect ? Math.max(least, Math.min(before.lastedMs * 2, limits.processStayMaxMs)) : least;
  const isDead = container !== null && !isSame({ id } as Trial, container);
  return {
    id,
    at,
    stayMs: isOnTrial ? stayMs : 0,
    is: isOnTrial ? (isDead ? 'fell' : 'trying') : 'up',
    hasAnswered: false,
    wasUnready: hasProbe && container?.ready === false,
    lastedMs: 0,
  };
}

/** What a look at its container tells. A pod that is being deleted ends its containers by itself. */
export function looked(trials: Trials, pod: Pod, at: number): Trials {
  let next = trials;
  for (const container of pod.containers) {
    const key = trialKey(pod.uid, container.name);
    const trial = lookup(trials, key);
    if (!trial || pod.deleting || trial.is === 'fell' || trial.is === 'over') continue;
    const changed = lookedAt(trial, container, at);
    if (changed !== trial) next = { ...next, [key]: changed };
  }
  return next;
}

function lookedAt(trial: Trial, container: Container, at: number): Trial {
  if (!isSame(trial, container))
    return { ...trial, is: trial.is === 'trying' ? 'fell' : 'over', lastedMs: Math.max(0, at - trial.at) };
  if (trial.is !== 'trying' || container.probe === null) return trial;
  if (!container.ready) return trial.wasUnready ? trial : { ...trial, wasUnready: true };
  return trial.wasUnready && !trial.hasAnswered ? { ...trial, hasAnswered: true } : trial;
}

/** A process whose readiness probe is to be asked. */
export interface Asked {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
  readonly question: ProbeQuestion;
  /** ms epoch of the update that started it. */
  readonly at: number;
}

/** By pod, container and update. One that its kubelet calls unready is spoken of by it. */
export function askedOnTrial({ pods, trials, cluster }: EngineState): Readonly<Record<string, Asked>> {
  const asked: Record<string, Asked> = {};
  if (!cluster.ok) return asked;
  for (const [key, trial] of Object.entries(trials)) {
    if (trial.is !== 'trying' || trial.hasAnswered) continue;
    const [uid = '', name] = key.split('/');
    const pod = lookup(pods, uid);
    const container = pod?.containers.find((each) => each.name === name);
    if (!pod || !container?.ready || !container.probe?.question || !isSame(trial, container)) continue;
    const { namespace, name: podName } = pod;
    const { question } = container.probe;
    asked[`${key} ${trial.at}`] = { namespace, pod: podName, uid, container: container.name, question, at: trial.at };
  }
  return asked;
}

/** What was asked of an earlier process says nothing of this one. */
export function answered(trials: Trials, key: string, begunAt: number): Trials {
  const trial = lookup(trials, key);
  return trial?.is === 'trying' && trial.at === begunAt
    ? { ...trials, [key]: { ...trial, hasAnswered: true } }
    : trials;
}

/**
 * When the trial is over by time alone, ms epoch; null where the cluster has to say something first. A kubelet tells when a
 * probe begins to fail and when it passes again, and no more: one that would have failed often enough by then has passed, where
 * nobody else could ask it before.
 */
function dueAt(trial: Trial, { probe, ready }: Container): number | null {
  const stayed = trial.at + trial.stayMs;
  if (probe === null) return stayed;
  if (!ready) return null;
  return trial.hasAnswered ? stayed : Math.max(stayed, trial.at + probe.windowMs);
}

/** The same state with the trials that are over by now. */
export function withTrials(state: EngineState, at: number): EngineState {
  let trials = state.trials;
  for (const { key, trial, due } of onTrial(state))
    if (due !== null && due <= at) trials = { ...trials, [key]: { ...trial, is: 'up' } };
  return trials === state.trials ? state : { ...state, trials };
}

/** When the next trial is over by time, null for none. */
export function nextTrialAt(state: EngineState): number | null {
  let next: number | null = null;
  for (const { due } of onTrial(state)) if (due !== null) next = Math.min(next ?? due, due);
  return next;
}

function onTrial(
  state: EngineState,
): readonly { readonly key: string; readonly trial: Trial; readonly due: number | null }[] {
  return Object.entries(state.trials).flatMap(([key, trial]) => {
    if (trial.is !== 'trying') return [];
    const slash = key.indexOf('/');
    const container = lookup(state.pods, key.slice(0, slash))?.containers.find(
      ({ name }) => name === key.slice(slash + 1),
    );
    return container ? [{ key, trial, due: dueAt(trial, container) }] : [];
  });
}

/** Did it end under what was put into it, and runs again without? */
export function hasFallen(trials: Trials, pod: Pod, container: Container): boolean {
  const trial = lookup(trials, trialKey(pod.uid, container.name));
  return trial?.is === 'fell' && trial.id !== container.id;
}
