// The networks of a project that ends. To take one away takes Docker a tenth of a second, for which its containers need not be gone:
// it is enough that none is in it any more. Of those that end Docker tells that before it has taken them away.
import { catchError, EMPTY, Subject, takeUntil } from 'rxjs';
import type { ContainerState, ContainerSummary, ContainersPort, EngineNetwork } from '../../model/ports/containers.ts';

export interface NetworkRemovals {
  /** `containers`: all that the project has, before any of them ends. */
  begin(containers: readonly ContainerSummary[]): Promise<void>;
  /** Once all that goes is gone: each network, and what takes it away where that is not done yet. It rejects where others are in it. */
  all(): Promise<readonly { readonly name: string; readonly removed: () => Promise<void> }[]>;
  /** Docker is listened to no longer. */
  close(): void;
}

/** Of the networks with these labels. */
export function networkRemovals(labels: readonly string[], engine: ContainersPort, stop: AbortSignal): NetworkRemovals {
  const listed = engine.networks(labels, stop);
  listed.catch(() => {});
  /** By the ids of networks: who is in each, and those that were asked to go; false where one could not. */
  const inside = new Map<string, { readonly network: EngineNetwork; readonly inside: Set<string> }>();
  const early = new Map<string, Promise<boolean>>();
  const remove = ({ id, name }: EngineNetwork): void => {
    const isGone = engine.removeNetwork(name, stop).then(
      () => true,
      () => false,
    );
    early.set(id, isGone);
  };
  // Where nothing is told of them, they go after their containers.
  const closed$ = new Subject<void>();
  const departures$ = engine.departures().pipe(
    catchError(() => EMPTY),
    takeUntil(closed$),
  );
  void departures$.forEach(({ network, container }) => {
    const others = inside.get(network);
    if (others?.inside.delete(container) && others.inside.size === 0) remove(others.network);
  });
  return {
    async begin(containers) {
      for (const network of await listed) inside.set(network.id, { network, inside: new Set() });
      for (const { id, state, networkIds } of containers)
        if (isIn(state)) for (const network of networkIds) inside.get(network)?.inside.add(id);
    },
    async all() {
      return (await listed).map(({ id, name }) => ({
        name,
        removed: async () => {
          if (!(await early.get(id))) await engine.removeNetwork(name, stop);
        },
      }));
    },
    close: () => closed$.next(),
  };
}

const isIn = (state: ContainerState): boolean => state === 'running' || state === 'paused';
