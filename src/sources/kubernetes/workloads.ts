// Workloads of ours as their controllers say they stand: only kinds and namespaces that are deployed.
import { filter, map, withLatestFrom } from 'rxjs';
import type { Feed } from '../../engine/engine.ts';
import { watchedWorkloads } from '../../engine/readiness/watched-workloads.ts';
import { isAnothers } from '../../engine/runtime/pod-owner.ts';
import type { Fact } from '../../model/fact.ts';
import { resourceLabel } from '../../model/labels.ts';
import { readWorkload } from '../../model/pods/workload-reading.ts';
import type { KubeWatchEvent, Ports } from '../../model/ports.ts';
import type { EngineState } from '../../model/state.ts';
import { type Watch, watchEach } from './watches.ts';

export const workloads: Feed<Pick<Ports, 'kube' | 'now'>> = {
  name: 'workloads',
  run: (state$, ports) =>
    watchEach(state$, ports, (state) => watchedWorkloads(state).map(ours), toFacts).pipe(
      withLatestFrom(state$),
      map(([fact, state]) => ofOurs(fact, state)),
      filter((fact) => fact !== null),
    ),
};

/** Without what is of another project; null where nothing else is told. */
function ofOurs(fact: Fact, state: EngineState): Fact | null {
  if (fact.type === 'workload/seen') return isAnothers(state, fact.workload) ? null : fact;
  if (fact.type !== 'workloads/listed' || !fact.news) return fact;
  return { ...fact, news: fact.news.filter((workload) => !isAnothers(state, workload)) };
}

/** Every object of ours bears it, and what a Deployment makes of its pod template as well. */
const ours = (watch: Watch): Watch => ({ ...watch, labelSelector: resourceLabel });

function toFacts(event: KubeWatchEvent, { kind, namespace }: Watch): readonly Fact[] {
  // Hundreds at once: one fact for each would copy the table of all of them as often.
  if (event.is === 'listed') {
    const news = event.objects.flatMap((object) => readWorkload(object) ?? []);
    return [{ type: 'workloads/listed', kind, namespace, uids: event.uids, news }];
  }
  if (event.is === 'health') return [];
  const workload = readWorkload(event.object);
  if (!workload) return [];
  return [{ type: 'workload/seen', workload: event.is === 'gone' ? { ...workload, isGone: true } : workload }];
}
