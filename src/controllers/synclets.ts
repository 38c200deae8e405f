// Helpers in containers: opened as soon as a container runs that saves can reach, so that the first save is as fast as
// the others; closed when the container is gone. Where one exec per update is asked for, it is opened when a file that
// concerns the container begins to settle, and closed at the latest when what came of it is done.
import { concat, defer, distinctUntilChanged, ignoreElements, type Observable, switchMap, take } from 'rxjs';
import { containersOf, hasLiveRules } from '../engine/containers.ts';
import type { Feed } from '../engine/engine.ts';
import { lanes, selecting } from '../engine/lanes.ts';
import { isRunning } from '../engine/resource.ts';
import type { LiveRule } from '../model/config.ts';
import { lookup } from '../model/lookup.ts';
import type { Ports } from '../model/ports.ts';
import type { ContainerTarget } from '../model/run.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { syncRuleFor } from '../update/live/rules.ts';
import type { Synclets } from '../update/live/synclet/pool.ts';
import { kubeExec } from '../update/live/synclet/transport.ts';

export function synclets(pool: Synclets): Feed<Pick<Ports, 'kube' | 'now'>> {
  return {
    name: 'synclets',
    run: (state$, ports) =>
      state$.pipe(
        distinctUntilChanged(runsTheSame),
        selecting(
          'synclets',
          reachable,
          lanes('synclets', ports, (id, container$: Observable<ContainerTarget>) =>
            concat(
              container$.pipe(
                take(1),
                switchMap((container) => pool.open(container, kubeExec(ports))),
              ),
              container$,
              defer(() => pool.forget(id)),
            ).pipe(ignoreElements()),
          ),
        ),
      ),
  };
}

/** What `reachable` reads. */
const runsTheSame = (a: EngineState, b: EngineState): boolean =>
  a.pods === b.pods &&
  a.config.current === b.config.current &&
  a.order.every((name) => lookup(a.resources, name)?.deployed === lookup(b.resources, name)?.deployed) &&
  // Each save changes these: looked at where helpers come and go with it.
  (b.options.updateMode !== 'exec' || isComingTheSame(a, b));

const isComingTheSame = (a: EngineState, b: EngineState): boolean =>
  a.files === b.files &&
  a.order.every((name) => isUpdated(lookup(a.resources, name)) === isUpdated(lookup(b.resources, name)));

const isUpdated = (resource: ResourceState | undefined): boolean => resource !== undefined && isRunning(resource);

/** Running containers that are updated by a helper, by id. Those of Docker have a shorter way: see build/container.ts. */
export function reachable(state: EngineState): Readonly<Record<string, ContainerTarget>> {
  const { updateMode } = state.options;
  if (updateMode !== 'auto' && updateMode !== 'synclet' && updateMode !== 'exec') return {};
  const found: Record<string, ContainerTarget> = {};
  for (const name of state.order) {
    const resource = lookup(state.resources, name);
    if (!resource?.enabled || !hasLiveRules(state, resource)) continue;
    for (const container of containersOf(state, name, resource)) {
      const isWanted = updateMode !== 'exec' || isRunning(resource) || isSettling(state, container);
      if (
        isWanted &&
        container.running &&
        rulesOf(state, container).length > 0 &&
        !container.id.startsWith('docker://')
      )
        found[container.id] = container;
    }
  }
  return found;
}

const isSettling = (state: EngineState, container: ContainerTarget): boolean =>
  state.files.settling && state.files.first !== null && !!syncRuleFor(rulesOf(state, container), state.files.first);

const rulesOf = (state: EngineState, { image }: ContainerTarget): readonly LiveRule[] =>
  lookup(state.config.current?.images, image)?.live ?? [];
