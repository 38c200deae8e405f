// How one workload stands, and several together: what `kubectl rollout status` would say of each.
import type { Problem } from '../../model/problems/problem.ts';
import { noRuntime, type Runtime } from '../resources/resource.ts';

export interface Standing extends Pick<Runtime, 'mends' | 'crashes' | 'isUnheard'> {
  readonly status: 'pending' | 'ready' | 'failed' | 'done';
  /** How far it is, in kubectl's words. */
  readonly progress: string;
  /** What it waits for, where that is not just time. */
  readonly reason: string | null;
  readonly problem: Problem | null;
  /** Nothing will come of waiting: somebody has to act. */
  readonly stuck: boolean;
  /** Pods that count, of those there should be. */
  readonly ready: number;
  readonly wanted: number;
}

type Numbers = Pick<Standing, 'ready' | 'wanted'>;

export const ready = (progress: string, numbers: Numbers): Standing => ({
  status: 'ready',
  progress,
  reason: null,
  problem: null,
  stuck: false,
  mends: 'never',
  crashes: 0,
  isUnheard: false,
  ...numbers,
});

export const done = (progress: string): Standing => ({ ...ready(progress, { ready: 1, wanted: 1 }), status: 'done' });

export const pending = (progress: string, numbers: Numbers, more: Partial<Standing> = {}): Standing => ({
  ...ready(progress, { ...numbers, ready: Math.min(numbers.ready, numbers.wanted) }),
  status: 'pending',
  ...more,
});

export const failed = (progress: string, problem: Problem, numbers: Numbers = { ready: 0, wanted: 1 }): Standing => ({
  ...pending(progress, numbers),
  status: 'failed',
  problem,
  stuck: true,
});

const textOf = ({ progress, reason, wanted }: Standing): string =>
  reason === null ? progress : wanted > 1 ? `${progress}: ${reason}` : reason;

/** A failure before what is pending; ready when all are. Of several the pods are counted together. */
export function together(standings: readonly Standing[]): Runtime {
  const first =
    standings.find(({ status }) => status === 'failed') ?? standings.find(({ status }) => status === 'pending');
  const sum = (of: 'ready' | 'wanted'): number => standings.reduce((all, each) => all + each[of], 0);
  const counted = `${sum('ready')}/${sum('wanted')} ready`;
  if (!first) {
    const isDone = standings.every(({ status }) => status === 'done');
    const isSame = standings.every(({ progress, wanted }) => wanted === 0 && progress === standings[0]?.progress);
    const text = standings.length === 1 || isDone || isSame ? (standings[0]?.progress ?? '') : counted;
    return { ...noRuntime, status: isDone ? 'done' : 'ready', text };
  }
  const waiting = standings.find(({ status, reason }) => status === 'pending' && reason !== null) ?? first;
  const text = standings.length === 1 || first.status === 'failed' ? textOf(first) : joined(counted, waiting.reason);
  const stuck = standings.every((each) => each.stuck || each.status === 'ready' || each.status === 'done');
  const { status, problem, mends, crashes, isUnheard } = first;
  return { status, text, problem, stuck, mends, crashes, isUnheard };
}

/** What pods tell of one that has no numbers of its own. */
export const told = (
  { status, text, problem, stuck, mends, crashes, isUnheard }: Runtime,
  numbers: Numbers = { ready: 0, wanted: 1 },
): Standing =>
  status === 'done'
    ? done(text)
    : {
        ...pending(text, numbers, { problem, stuck, mends, crashes, isUnheard }),
        status: status === 'failed' ? 'failed' : 'pending',
      };

const joined = (progress: string, reason: string | null): string =>
  reason === null ? progress : `${progress}: ${reason}`;
