// Pushing an image, and asking its registry (through the daemon, which knows insecure registries) what is there.
import type { Readable } from 'node:stream';
import { Observable } from 'rxjs';
import type { PushEvent } from '../../model/ports.ts';
import { ProblemError } from '../../model/problem.ts';
import type { Client } from './client.ts';
import type { Credentials } from './credentials.ts';
import { abortError, failureOf, lostProblem, messageOf, statusOf } from './failure.ts';
import { jsonLines } from './json-lines.ts';
import { nameAndTag, registryOf } from './reference.ts';
import { isMissing, registryProblem } from './registry-failure.ts';
import { plain } from './text.ts';

/** Ends with `pushed`; errors with a problem naming the registry. */
export function push$(client: Client, credentials: Credentials, ref: string, stop: AbortSignal): Observable<PushEvent> {
  return new Observable((subscriber) => {
    const drop = new AbortController();
    const cancel = AbortSignal.any([stop, drop.signal]);
    push(client, credentials, ref, cancel, (event) => subscriber.next(event)).then(
      () => subscriber.complete(),
      (error) => subscriber.error(failureOf(error, client.endpoint, `pushing ${ref}`, stop)),
    );
    return () => drop.abort();
  });
}

async function push(
  client: Client,
  credentials: Credentials,
  ref: string,
  stop: AbortSignal,
  emit: (event: PushEvent) => void,
): Promise<void> {
  const { name, tag } = nameAndTag(ref);
  const authconfig = (await credentials.of(registryOf(ref))) ?? anonymous;
  if (stop.aborted) throw abortError();
  let digest: string | null = null;
  const stream = await client.docker.getImage(name).push({ tag, authconfig, abortSignal: stop });
  // dockerode's followProgress reports a refused push as a success: the error is a line of the stream.
  for await (const record of jsonLines(stream as Readable)) {
    if (record.error)
      throw new ProblemError(
        registryProblem(`pushing ${ref}`, ref, record.errorDetail?.message ?? record.error, credentials),
      );
    const aux = record.aux as { Digest?: string } | undefined;
    digest = aux?.Digest ?? digest;
    if (record.status)
      emit({ is: 'progress', id: plain(record.id ?? ''), text: plain(`${record.status} ${record.progress ?? ''}`) });
  }
  if (digest === null) throw new ProblemError(lostProblem(client.endpoint, `pushing ${ref}`));
  emit({ is: 'pushed', digest });
}

// A push without the header X-Registry-Auth is refused by the daemon itself.
const anonymous = { username: '', password: '', serveraddress: '' };

/** Rejects when the registry refuses or cannot be reached: that is no answer. */
export async function inRegistry(
  client: Client,
  credentials: Credentials,
  ref: string,
  stop: AbortSignal,
): Promise<boolean> {
  const auth = await credentials.of(registryOf(ref));
  const asked = client.docker.getImage(ref).distribution(auth ? { authconfig: auth } : {});
  const stopped = new Promise<never>((_, reject) => {
    if (stop.aborted) reject(abortError());
    stop.addEventListener('abort', () => reject(abortError()), { once: true });
  });
  try {
    await Promise.race([asked, stopped]);
    return true;
  } catch (error) {
    if (statusOf(error) === null) throw failureOf(error, client.endpoint, `looking for ${ref}`, stop);
    const message = messageOf(error);
    if (isMissing(message)) return false;
    throw new ProblemError(registryProblem(`looking for ${ref}`, ref, message, credentials));
  }
}
