// Cluster events of our objects: warnings, and what pulls images, become log lines and the detail view's list.
import { filter, map, tap, withLatestFrom } from 'rxjs';
import type { Feed } from '../engine/engine.ts';
import { ownerOfEvent } from '../engine/fold/pods.ts';
import type { Fact } from '../model/fact.ts';
import { lookup } from '../model/lookup.ts';
import type { ClusterEvent } from '../model/pod.ts';
import { readEvent } from '../model/pod-reading.ts';
import type { Ports } from '../model/ports.ts';
import type { EngineState } from '../model/state.ts';
import { watchNamespaces } from './namespaces.ts';

/** The same again is counted, and no new line: a probe that fails each second says one thing. */
const isTold = (state: EngineState, owner: string, { object, reason, message }: ClusterEvent): boolean =>
  lookup(state.resources, owner)?.events.some(
    (event) => event.object.uid === object.uid && event.reason === reason && event.message === message,
  ) ?? false;

/** Normal events worth a line: the others repeat what the pod's status says. */
const spoken = new Set(['Pulling', 'Pulled']);

export const events: Feed<Pick<Ports, 'kube' | 'logs' | 'now'>> = {
  name: 'events',
  run: (state$, ports) =>
    watchNamespaces(state$, ports, 'events', (event): readonly Fact[] => {
      if (event.is !== 'seen') return [];
      const read = readEvent(event.object);
      return read ? [{ type: 'event/seen', event: read }] : [];
    }).pipe(
      withLatestFrom(state$),
      // What happened before this session is history of somebody else's.
      filter(([fact, state]) => fact.type !== 'event/seen' || fact.event.at >= state.startedAt - 1_000),
      tap(([fact, state]) => {
        if (fact.type !== 'event/seen') return;
        const owner = ownerOfEvent(state, fact.event);
        const { type, reason, message, object } = fact.event;
        if (!owner || (type === 'Normal' && !spoken.has(reason)) || isTold(state, owner, fact.event)) return;
        ports.logs.line(
          { resource: owner, source: 'runtime', pod: object.name },
          type === 'Warning' ? 'warn' : 'info',
          `[${reason}] ${message}`,
          ports.now(),
        );
      }),
      map(([fact]) => fact),
    ),
};
