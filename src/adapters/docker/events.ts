// What happens to containers and images, as the daemon tells it. Never completes: an end is a lost daemon.
import type { Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import { ProblemError } from '../../model/problems/problem.ts';
import { fromAsync } from '../../operators/from-async.ts';
import type { Client } from './connection/client.ts';
import { failureOf, lostProblem } from './connection/failure.ts';
import { jsonLines } from './images/json-lines.ts';

export interface DockerEvent {
  readonly type: string;
  readonly action: string;
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function events$(client: Client): Observable<DockerEvent> {
  return fromAsync((emit, stop) =>
    follow(client, emit, stop).catch((error: unknown) => {
      throw failureOf(error, client.endpoint, 'reading events');
    }),
  );
}

async function follow(client: Client, emit: (event: DockerEvent) => void, stop: AbortSignal): Promise<never> {
  const stream = await client.docker.getEvents({ filters: { type: ['container', 'image'] }, abortSignal: stop });
  for await (const { Type, Action, Actor } of jsonLines(stream as Readable)) {
    const actor = Actor as { ID?: string; Attributes?: Record<string, string> } | undefined;
    // `exec_create: CMD` carries the whole command, passwords on it included.
    const action = String(Action).replace(/^(exec_\w+):.*/s, '$1');
    emit({ type: String(Type), action, id: actor?.ID ?? '', labels: actor?.Attributes ?? {} });
  }
  throw new ProblemError(lostProblem(client.endpoint, 'reading events'));
}
