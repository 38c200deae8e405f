// What went wrong in one container, as a problem: which step, how it ended, the last it said.
import { constants } from 'node:os';
import { limits } from '../../model/limits.ts';
import type { Ports } from '../../model/ports.ts';
import type { Problem } from '../../model/problems/problem.ts';
import type { ContainersWork, ContainerTarget } from '../../model/run.ts';
import type { LivePlan } from './steps.ts';
import type { LiveAnswer } from './transport.ts';

export type Failure = Exclude<LiveAnswer, { is: 'ok' | 'declined' }>;

interface Where {
  readonly work: ContainersWork;
  readonly ports: Pick<Ports, 'logs'>;
}

/** `said`: the last of what the steps put out in this container. */
export function failureOf(
  answer: Failure,
  said: string,
  plan: LivePlan,
  container: ContainerTarget,
  { work, ports }: Where,
): Problem {
  const where = `${container.pod}/${container.name}`;
  if (answer.is === 'run-failed') {
    const step = plan.runs[answer.run] ?? plan.runs[0]!;
    const logTail = ports.logs.tailText(
      { resources: [work.resource], sources: ['build'], runs: [work.run] },
      limits.problemLogLines,
    );
    const words = lastLine(said);
    // Steps put out into one stream: whose word the last one is, is known of the first alone.
    const last = words === '' ? '' : answer.run === 0 ? `: ${words}` : ` (last output of the steps: ${words})`;
    return {
      kind: 'step',
      code: 'S702',
      what: `"${step.cmd}" ${howItEnded(answer.code)} in ${where}${last}`,
      hint: 'the changed files are in the container; the step runs again with the next change',
      at: step.at,
      logTail,
    };
  }
  if (answer.is === 'lost')
    return {
      kind: 'step',
      code: 'S706',
      what: `the connection to ${where} was lost while its steps ran: ${answer.because}`,
      hint: 'a step may have been cut off; the steps run again with the next change, or with `sluice trigger`',
      at: work.spec.at,
    };
  return {
    kind: 'step',
    code: 'S703',
    what: `the process in ${where} was not restarted`,
    hint: 'the changed files are in the container; the old process may still run',
    at: work.spec.at,
  };
}

/** A shell tells a signal as 128 and its number. */
function howItEnded(code: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return name ? `was ended by ${name}` : `ended with code ${code}`;
}

const lastLine = (said: string): string =>
  said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .at(-1)
    ?.slice(0, limits.markBytes) ?? '';

export const onlySome = (because: string, work: ContainersWork): Problem => ({
  kind: 'step',
  code: 'S707',
  what: `only some containers could be updated in place: ${because}`,
  hint: 'a full build follows, so that all are the same again',
  at: work.spec.at,
});

export function wrongRestart(work: ContainersWork, container: ContainerTarget): Problem {
  const rules = work.images.find(({ spec }) => spec.ref === container.image)?.spec.live ?? [];
  return {
    kind: 'yours',
    code: 'S704',
    what: 'restart: container would lose the changed files: Kubernetes replaces a container that ends',
    hint: 'use restart: process',
    at: rules.find((rule) => rule.is === 'restart')?.at ?? work.spec.at,
  };
}
