// Cluster events of our objects: warnings, and what pulls images, become log lines and the detail view's list.
import { delay, filter, map, tap, withLatestFrom } from 'rxjs';
import type { Feed } from '../../engine/engine.ts';
import { ownerOfEvent } from '../../engine/runtime/owner-of-event.ts';
import type { Fact } from '../../model/fact.ts';
import { limits } from '../../model/limits.ts';
import type { ClusterEvent } from '../../model/pods/pod.ts';
import { readEvent } from '../../model/pods/pod-reading.ts';
import type { Ports } from '../../model/ports.ts';
import { watchNamespaces } from './namespaces.ts';

/**
 * Whether what an event says is new: a probe that fails each second says one thing, and is counted. Of each resource as much is remembered
 * as its state keeps of events.
 */
function newsOnly(): (owner: string, event: ClusterEvent) => boolean {
  const told = new Map<string, readonly string[]>();
  return (owner, { object, reason, message }) => {
    const before = told.get(owner) ?? [];
    const key = `${object.uid} ${reason} ${gist(message)}`;
    if (before.includes(key)) return false;
    told.set(owner, [...before, key].slice(-limits.eventsPerResource));
    return true;
  };
}

/** A controller that tries again says the same of a pod of another name each time, and at some time that it came often. */
const gist = (message: string): string =>
  message.replace(/^\(combined from similar events\): /, '').replace(/"[^"\s]*-[a-z0-9]{5}"/g, '"…"');

/** Normal events worth a line: the others repeat what the pod's status says. */
const spoken = new Set(['Pulling', 'Pulled']);

export const events: Feed<Pick<Ports, 'kube' | 'logs' | 'now'>> = {
  name: 'events',
  run: (state$, ports) => {
    const isNews = newsOnly();
    return watchNamespaces(state$, ports, 'events', (event): readonly Fact[] => {
      if (event.is !== 'seen') return [];
      const read = readEvent(event.object);
      return read ? [{ type: 'event/seen', event: read }] : [];
    }).pipe(
      // Whose it is, is known from pods and workloads that came in the same turn.
      delay(0),
      withLatestFrom(state$),
      // What happened before this session is history of somebody else's.
      filter(([fact, state]) => fact.type !== 'event/seen' || fact.event.at >= state.startedAt - 1_000),
      tap(([fact, state]) => {
        if (fact.type !== 'event/seen') return;
        const owner = ownerOfEvent(state, fact.event);
        const { type, reason, message, object } = fact.event;
        if (!owner || (type === 'Normal' && !spoken.has(reason)) || !isNews(owner, fact.event)) return;
        ports.logs.line(
          { resource: owner, source: 'runtime', pod: object.name },
          type === 'Warning' ? 'warn' : 'info',
          `[${reason}] ${message}`,
          ports.now(),
        );
      }),
      map(([fact]) => fact),
    );
  },
};
