// What a session wants of the cluster beside deploying (logs, ports, commands in containers), and may not: told once, and asked
// for again at a slow pace. Watches tell by themselves.
import {
  catchError,
  distinctUntilChanged,
  EMPTY,
  last,
  map,
  type Observable,
  repeat,
  skipWhile,
  switchMap,
  takeUntil,
  takeWhile,
  timer,
} from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { deployedIn } from '../engine/resources/deployed-objects.ts';
import { type Right, rightsOf } from '../engine/wanted/rights.ts';
import type { KubeObject } from '../model/config.ts';
import type { Fact } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import { record } from '../model/manifests/workload.ts';
import type { Ports } from '../model/ports.ts';
import type { Problem } from '../model/problems/problem.ts';
import { abortable } from '../operators/abortable.ts';
import { distinctParts } from '../operators/distinct-parts.ts';
import { eachKey } from '../operators/each-key.ts';

export const rights: Feed<Pick<Ports, 'kube'>> = {
  name: 'rights',
  run: (state$, ports) =>
    state$.pipe(
      distinctParts((state) => [state.config.current, state.cluster.ok, deployedIn(state)]),
      map(rightsOf),
      eachKey((feed, right$: Observable<Right>) =>
        right$.pipe(
          distinctUntilChanged(() => true),
          switchMap((right) => asked(feed, right, ports)),
          takeUntil(right$.pipe(last(null, null))),
        ),
      ),
    ),
};

/** Nothing where it is allowed at once; where it lacks until it is granted. A cluster that does not answer this is let be. */
function asked(feed: string, right: Right, ports: Pick<Ports, 'kube'>): Observable<Fact> {
  return abortable(async (stop) => isAllowed(await (await ports.kube()).create(review(right), stop))).pipe(
    repeat({ delay: () => timer(limits.deniedRetryMs) }),
    takeWhile((allowed) => !allowed, true),
    map(
      (allowed): Fact =>
        allowed ? { type: 'feed/healthy', feed } : { type: 'feed/failed', feed, problem: denied(right), retryAt: null },
    ),
    skipWhile(({ type }) => type === 'feed/healthy'),
    distinctUntilChanged((a, b) => a.type === b.type),
    catchError(() => EMPTY),
  );
}

const review = ({ verb, subresource, namespace }: Right): KubeObject => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  metadata: {} as KubeObject['metadata'],
  spec: { resourceAttributes: { namespace, verb, resource: 'pods', subresource } },
});

const isAllowed = ({ status }: KubeObject): boolean => record(status).allowed !== false;

const denied = ({ verb, subresource, namespace, what }: Right): Problem => ({
  kind: 'denied',
  code: 'S310',
  what: `${what}: pods/${subresource} is forbidden: not allowed to ${verb} it in namespace ${namespace}`,
  hint: `ask for the right, then check with: kubectl auth can-i ${verb} pods --subresource=${subresource} -n ${namespace}`,
});
