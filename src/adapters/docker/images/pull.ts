// Pulling an image through the daemon, with what it says of its layers.
import type { Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import type { PushEvent } from '../../../model/ports.ts';
import { ProblemError } from '../../../model/problems/problem.ts';
import { fromAsync } from '../../../operators/from-async.ts';
import type { Credentials } from '../../registry/credentials.ts';
import { nameAndTag, registryOf } from '../../registry/reference.ts';
import { registryProblem } from '../../registry/registry-failure.ts';
import type { Client } from '../connection/client.ts';
import { failureOf, messageOf, statusOf } from '../connection/failure.ts';
import { jsonLines } from './json-lines.ts';
import { progressOf } from './transfer.ts';

type Progress = Extract<PushEvent, { is: 'progress' }>;

/** Completes when the daemon has it; errors with a problem naming the registry. Unsubscribing ends the pull. */
export function pull$(
  client: Client,
  credentials: Credentials,
  ref: string,
  platform: string | null,
  stop: AbortSignal,
): Observable<Progress> {
  return fromAsync((emit, drop) =>
    pull(client, credentials, ref, platform, AbortSignal.any([stop, drop]), emit).catch((error: unknown) => {
      throw failureOf(error, client.endpoint, `pulling ${ref}`, stop);
    }),
  );
}

async function pull(
  client: Client,
  credentials: Credentials,
  ref: string,
  platform: string | null,
  stop: AbortSignal,
  emit: (event: Progress) => void,
): Promise<void> {
  const refused = (message: string): ProblemError =>
    new ProblemError(registryProblem(`pulling ${ref}`, ref, message, credentials));
  const authconfig = await credentials.of(registryOf(ref));
  const options = {
    ...(platform ? { platform } : {}),
    ...(authconfig ? { authconfig } : {}),
    abortSignal: stop,
  };
  const stream = await client.docker.pull(withTag(ref), options).catch((error: unknown) => {
    throw statusOf(error) === null ? error : refused(messageOf(error));
  });
  for await (const record of jsonLines(stream as Readable)) {
    if (record.error) throw refused(record.errorDetail?.message ?? record.error);
    if (record.status) emit(progressOf(record));
  }
}

/** Without a tag the daemon would pull all that there are. */
function withTag(ref: string): string {
  if (ref.includes('@')) return ref;
  const { name, tag } = nameAndTag(ref);
  return `${name}:${tag}`;
}
