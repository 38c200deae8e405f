// Is an image in its registry? Asked from this machine: a few ms, where Docker takes several times as long to ask the same.
import { isLoopback } from '../../model/hosts/daemon-host.ts';
import { limits } from '../../model/limits.ts';
import { timeoutSignal } from '../../operators/promises/timeout-signal.ts';
import type { Connection, Reach } from './connection.ts';
import { Connections } from './connections.ts';
import type { Credentials } from './credentials.ts';
import { partsOf, registryOf } from './reference.ts';
import { accepted } from './repository.ts';

/** `nobody`: nobody listens there. `unclear`: no answer, or one that says neither. */
export type Presence = 'there' | 'missing' | 'nobody' | 'unclear';

/** Rejects with an AbortError alone. */
export async function presence(connection: Connection, ref: string, stop: AbortSignal): Promise<Presence> {
  const { name, reference } = partsOf(ref, registryOf(ref));
  const request = { method: 'HEAD', path: `${name}/manifests/${reference}`, headers: { accept: accepted } };
  try {
    const { status, headers } = await connection.call(request, stop);
    if (status === 404) return 'missing';
    const digest = headers['docker-content-digest'] ?? reference;
    const isOther = reference.startsWith('sha256:') && digest !== reference;
    // What answers everything with a page is no registry.
    const isManifest = accepted.split(', ').includes((headers['content-type'] ?? '').split(';')[0]!.trim());
    return status === 200 && isManifest && !isOther ? 'there' : 'unclear';
  } catch (error) {
    stop.throwIfAborted();
    const { code = '' } = error as NodeJS.ErrnoException;
    return /^(ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH|ENOTFOUND|EAFNOSUPPORT)$/.test(code) ? 'nobody' : 'unclear';
  }
}

/**
 * For images that Docker pushes: true where one is certainly in the registry that Docker means by its name. False says nothing:
 * Docker is to be asked. A name is the same registry for both where that shows a certificate for it, `localhost` only where Docker
 * runs on this machine. `isDockerHere` is asked when it matters.
 */
export function surePresence(
  credentials: Credentials,
  isDockerHere: (stop: AbortSignal) => Promise<boolean>,
): (ref: string, stop: AbortSignal) => Promise<boolean> {
  const connections = new Connections(credentials);
  const unclearUntil = new Map<string, number>();
  return async (ref, stop) => {
    const host = registryOf(ref);
    if (performance.now() < (unclearUntil.get(host) ?? 0)) return false;
    const reaches = isOfLoopback(host) ? ((await isDockerHere(stop)) ? loopbacks(host) : []) : [certified];
    const signal = AbortSignal.any([stop, timeoutSignal(limits.registryNearMs)]);
    const asked = reaches.map((reach) => presence(connections.to(host, reach), ref, signal));
    const answers = await Promise.all(asked).catch(() => ['unclear'] as const);
    stop.throwIfAborted();
    if (answers.some((each) => each === 'unclear'))
      unclearUntil.set(host, performance.now() + limits.registryUnclearMs);
    const heard = answers.filter((each) => each !== 'nobody');
    return heard.length > 0 && heard.every((each) => each === 'there');
  };
}

const isOfLoopback = (host: string): boolean => isLoopback(host.replace(/:\d+$/, ''));

const certified: Reach = { schemes: ['https'], isVerified: true };

/**
 * `localhost` may be two, of which Docker chooses in its own way: where both listen, both are asked. Registries of a machine's own
 * speak plain HTTP; one with a certificate is left to Docker.
 */
const loopbacks = (host: string): readonly Reach[] => {
  const schemes = ['http'] as const;
  return host.startsWith('localhost')
    ? ['127.0.0.1', '::1'].map((localhost) => ({ schemes, localhost }))
    : [{ schemes }];
};
