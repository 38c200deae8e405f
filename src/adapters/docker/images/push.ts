// Pushing an image, and asking its registry (through the daemon, which knows insecure registries) what is there.
import type { Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import { limits } from '../../../model/limits.ts';
import type { PushEvent } from '../../../model/ports.ts';
import { abortError, isProblemError, ProblemError } from '../../../model/problems/problem.ts';
import { fromAsync } from '../../../operators/from-async.ts';
import { timeoutSignal } from '../../../operators/promises/timeout-signal.ts';
import { unlessAborted } from '../../../operators/promises/unless-aborted.ts';
import type { RegistryAuth } from '../../registry/config-file.ts';
import type { Credentials } from '../../registry/credentials.ts';
import { nameAndTag, registryOf } from '../../registry/reference.ts';
import { isMissing, registryProblem } from '../../registry/registry-failure.ts';
import type { Client } from '../connection/client.ts';
import { failureOf, lostProblem, messageOf, statusOf } from '../connection/failure.ts';
import { watchSilence } from '../connection/silence.ts';
import { jsonLines, type StreamRecord } from './json-lines.ts';
import { progressOf } from './transfer.ts';

/** Ends with `pushed`; errors with a problem naming the registry. */
export function push$(client: Client, credentials: Credentials, ref: string, stop: AbortSignal): Observable<PushEvent> {
  return fromAsync((emit, drop) =>
    push(client, credentials, ref, AbortSignal.any([stop, drop]), emit).catch((error: unknown) => {
      throw failureOf(error, client.endpoint, `pushing ${ref}`, stop);
    }),
  );
}

async function push(
  client: Client,
  credentials: Credentials,
  ref: string,
  stop: AbortSignal,
  emit: (event: PushEvent) => void,
): Promise<void> {
  const authconfig = (await credentials.of(registryOf(ref))) ?? anonymous;
  if (stop.aborted) throw abortError();
  const silence = watchSilence(() => digestInRegistry(client, credentials, ref, stop, limits.registryAliveMs));
  const told = await said(client, credentials, ref, authconfig, AbortSignal.any([stop, silence.over]), (record) => {
    silence.heard(record);
    if (record.status) emit(progressOf(record));
  })
    .catch((error) => {
      throw silence.over.aborted && !stop.aborted ? silence.over.reason : error;
    })
    .finally(() => silence.end());
  const digest = told.aux ?? (await askedDigest(client, credentials, ref, told.line, stop));
  // A daemon that is shut down ends the stream as if all was well.
  if (digest === null) throw new ProblemError(lostProblem(client.endpoint, `pushing ${ref}`));
  emit({ is: 'pushed', digest });
}

async function said(
  client: Client,
  credentials: Credentials,
  ref: string,
  authconfig: RegistryAuth,
  stop: AbortSignal,
  hear: (record: StreamRecord) => void,
): Promise<Told> {
  const { name, tag } = nameAndTag(ref);
  let told: Told = { aux: null, line: null };
  // Docker takes a registry of this machine without TLS by itself; Podman has to be told, and Docker does not mind.
  const plainHttp = /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?\//.test(ref) ? { tlsVerify: 'false' } : {};
  const stream = await client.docker.getImage(name).push({ tag, authconfig, abortSignal: stop, ...plainHttp });
  // dockerode's followProgress reports a refused push as a success: the error is a line of the stream.
  for await (const record of jsonLines(stream as Readable)) {
    if (record.error)
      throw new ProblemError(
        registryProblem(`pushing ${ref}`, ref, record.errorDetail?.message ?? record.error, credentials),
      );
    told = listen(told, record);
    hear(record);
  }
  return told;
}

/** What a push stream said of the digest: in a record of its own (the classic image store), in its last line (both). */
interface Told {
  readonly aux: string | null;
  readonly line: string | null;
}

function listen({ aux, line }: Told, record: StreamRecord): Told {
  const digest = (record.aux as { Digest?: unknown } | null | undefined)?.Digest;
  const [, written] = /(?:^|\s)digest: (sha256:[0-9a-f]{64}) size: \d+$/.exec(record.status ?? '') ?? [];
  return { aux: typeof digest === 'string' ? digest : aux, line: written ?? line };
}

/**
 * The containerd image store says no digest but in words, and may push another manifest than the image's own (one platform
 * out of an index): the registry knows what it has. One that lets us push and not look leaves the words.
 */
async function askedDigest(
  client: Client,
  credentials: Credentials,
  ref: string,
  line: string | null,
  stop: AbortSignal,
): Promise<string | null> {
  try {
    // Podman has no call for it, and says what it pushed.
    return (await digestInRegistry(client, credentials, ref, stop)) ?? line;
  } catch (error) {
    if (line !== null && isProblemError(error) && error.problem.kind === 'denied') return line;
    throw error;
  }
}

// A push without the header X-Registry-Auth is refused by the daemon itself.
const anonymous = { username: '', password: '', serveraddress: '' };

/**
 * The digest that `ref` (a tag or a digest) has in its registry, null when it is not there. Rejects when the registry
 * refuses or cannot be reached, or has not answered after `patienceMs`: that is no answer.
 */
export async function digestInRegistry(
  client: Client,
  credentials: Credentials,
  ref: string,
  stop: AbortSignal,
  patienceMs: number = limits.registryAnswerMs,
): Promise<string | null> {
  const auth = await credentials.of(registryOf(ref));
  const asked = client.docker.getImage(ref).distribution(auth ? { authconfig: auth } : {});
  const patience = timeoutSignal(patienceMs);
  const given = AbortSignal.any([stop, patience]);
  try {
    const { Descriptor } = await unlessAborted(asked, given);
    return Descriptor.digest;
  } catch (error) {
    if (patience.aborted && !stop.aborted)
      throw new ProblemError(
        registryProblem(`looking for ${ref}`, ref, `i/o timeout: no answer in ${patienceMs / 1000} s`, credentials),
      );
    if (statusOf(error) === null) throw failureOf(error, client.endpoint, `looking for ${ref}`, stop);
    const message = messageOf(error);
    if (isMissing(message)) return null;
    throw new ProblemError(registryProblem(`looking for ${ref}`, ref, message, credentials));
  }
}
