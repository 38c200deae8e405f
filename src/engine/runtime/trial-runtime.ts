// What runs, with the word of trials on it: a process that was started anew is not up before it has shown so, and one that its
// last change has ended is no success because its old code runs again.
import { containerRun } from '../../model/pods/log-run.ts';
import type { Container, Pod } from '../../model/pods/pod.ts';
import type { Problem } from '../../model/problems/problem.ts';
import type { EngineState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { noRuntime, type Runtime } from '../resources/resource.ts';
import { hasFallen, trialKey } from './trial.ts';

export function onTrial(runtime: Runtime, pods: readonly Pod[], trials: EngineState['trials']): Runtime {
  if (runtime.status !== 'ready' && runtime.status !== 'pending') return runtime;
  let next = runtime;
  for (const pod of pods)
    for (const container of pod.containers) {
      if (hasFallen(trials, pod, container))
        return {
          ...noRuntime,
          status: 'failed',
          text: 'ended by its last change',
          problem: fallen(pod, container),
          stuck: true,
        };
      const trial = lookup(trials, trialKey(pod.uid, container.name));
      if (trial?.is === 'trying' && runtime.status === 'ready')
        next = { ...runtime, status: 'pending', text: container.probe ? 'restarted, not ready yet' : 'restarted' };
    }
  return next;
}

function fallen(pod: Pod, { name, last }: Container): Problem {
  const reason = last && last.reason !== 'Error' && last.reason !== 'Completed' ? `${last.reason}, ` : '';
  const exit = last ? ` (${reason}exit code ${last.exitCode})` : '';
  return {
    kind: 'step',
    code: 'S353',
    what: `container ${name} of pod ${pod.name} ended with what was put into it${exit}: it was started again from its image, without that`,
    of: { pod: pod.name, container: name, ...(last?.id ? { run: containerRun(last.id) } : {}) },
    hint: 'its last log lines say why; the next save is put into it with all it lacks',
  };
}
