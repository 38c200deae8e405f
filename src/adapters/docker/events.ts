// What happens to containers, as the daemon tells it: of those alone that are asked for, as each event of others wakes this process
// too. Never completes: an end is a lost daemon.
import type { Readable } from 'node:stream';
import { defer, map, type Observable } from 'rxjs';
import type { NetworkDeparture } from '../../model/ports/containers.ts';
import { ProblemError } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import { fromAsync } from '../../operators/from-async.ts';
import type { Client } from './connection/client.ts';
import { failureOf, lostProblem } from './connection/failure.ts';
import { jsonLines } from './images/json-lines.ts';

interface DockerEvent {
  readonly action: string;
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

type Filters = Readonly<Record<string, readonly string[]>>;

/**
 * Of containers that carry `label`, or of all. A daemon does not say when it has begun to tell: what happened between a question
 * that it answered meanwhile and that moment is told too.
 */
export const containerEvents$ = (client: Client, label?: string): Observable<DockerEvent> =>
  defer(() =>
    events$(
      client,
      { type: ['container'], ...(label === undefined ? {} : { label: [label] }) },
      // By the clock of the daemon, which is ours or, of another machine's, seldom far from it.
      Date.now() / 1_000,
    ),
  );

/** Next to nothing: that the daemon reads its configuration again. What stays open shows that it is there. */
export const seldomEvents$ = (client: Client): Observable<DockerEvent> => events$(client, { type: ['daemon'] });

/** `since`: s since the epoch. */
function events$(client: Client, filters: Filters, since?: number): Observable<DockerEvent> {
  return fromAsync((emit, stop) =>
    follow(client, { filters, ...(since === undefined ? {} : { since }) }, emit, stop).catch((error: unknown) => {
      throw failureOf(error, client.endpoint, 'reading events');
    }),
  );
}

/** Each container that is in a network no more, from now on. */
export const departures$ = (client: Client): Observable<NetworkDeparture> =>
  events$(client, { type: ['network'], event: ['disconnect'] }).pipe(
    map(({ id, labels }) => ({ network: id, container: lookup(labels, 'container') ?? '' })),
  );

async function follow(
  client: Client,
  query: { readonly filters: Filters; readonly since?: number },
  emit: (event: DockerEvent) => void,
  stop: AbortSignal,
): Promise<never> {
  const asked = { ...query, abortSignal: stop } as Parameters<typeof client.docker.getEvents>[0];
  const stream = await client.docker.getEvents(asked);
  for await (const { Action, Actor } of jsonLines(stream as Readable)) {
    const actor = Actor as { ID?: string; Attributes?: Record<string, string> } | undefined;
    // `exec_create: CMD` carries the whole command, passwords on it included.
    const action = String(Action).replace(/^(exec_\w+):.*/s, '$1');
    emit({ action, id: actor?.ID ?? '', labels: actor?.Attributes ?? {} });
  }
  throw new ProblemError(lostProblem(client.endpoint, 'reading events'));
}
