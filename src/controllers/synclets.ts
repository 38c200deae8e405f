// Helpers in containers: opened as soon as a container runs that saves can reach, so that the first save is as fast as
// the others; closed when the container is gone. Where one exec per update is asked for, it is opened when a file that
// concerns the container begins to settle, and closed at the latest when what came of it is done.
import { concat, defer, ignoreElements, type Observable, switchMap, take } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { lanes, selecting } from '../engine/lanes.ts';
import { deployedIn } from '../engine/resources/deployed-objects.ts';
import { isRunning } from '../engine/resources/run.ts';
import { answersOf, those } from '../engine/resources/those.ts';
import { containersOf, hasLiveRules } from '../engine/runtime/containers.ts';
import type { LiveRule } from '../model/config.ts';
import type { Ports } from '../model/ports.ts';
import type { ContainerTarget } from '../model/run.ts';
import type { EngineState, ResourceState } from '../model/state.ts';
import { lookup } from '../model/text/lookup.ts';
import { distinctParts } from '../operators/distinct-parts.ts';
import { syncRuleFor } from '../update/live/rules.ts';
import type { Synclets } from '../update/live/synclet/pool.ts';
import { kubeExec } from '../update/live/synclet/transport.ts';

export function synclets(pool: Synclets): Feed<Pick<Ports, 'kube' | 'now'>> {
  return {
    name: 'synclets',
    run: (state$, ports) =>
      state$.pipe(
        distinctParts(partsOf),
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

/** What `reachable` reads. Files and runs change with each save: looked at where helpers come and go with them. */
const partsOf = (state: EngineState): readonly unknown[] => [
  state.pods,
  state.config.current,
  deployedIn(state),
  ...(state.options.updateMode === 'exec' ? [state.files, updatedIn(state)] : []),
];

const updatedIn = answersOf((resource: ResourceState) => isRunning(resource));
const deployableIn = those(({ spec, enabled }: ResourceState) => spec.kind === 'kubernetes' && enabled);

/** Running containers that are updated by a helper, by id. Those of Docker have a shorter way: see build/container.ts. */
export function reachable(state: EngineState): Readonly<Record<string, ContainerTarget>> {
  const { updateMode } = state.options;
  if (updateMode !== 'auto' && updateMode !== 'synclet' && updateMode !== 'exec') return {};
  const found: Record<string, ContainerTarget> = {};
  for (const resource of deployableIn(state)) {
    if (!hasLiveRules(state, resource)) continue;
    for (const container of containersOf(state, resource.spec.name, resource)) {
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
