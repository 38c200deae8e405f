// Registries asked from this machine, without any Docker: is an image there, what is in it, and here is another.
import { limits } from '../../model/limits.ts';
import type { RegistryPort } from '../../model/ports/registry.ts';
import { timeoutSignal } from '../../operators/promises/timeout-signal.ts';
import type { Env } from './config-file.ts';
import { Connection } from './connection.ts';
import { credentialsFrom } from './credentials.ts';
import { registryOf } from './reference.ts';
import { accepted, repositoryAt } from './repository.ts';

export function createRegistry({ env, home }: { readonly env: Env; readonly home: string }): RegistryPort {
  const credentials = credentialsFrom(env, home);
  const open = (name: string): Connection => new Connection(registryOf(name), credentials);
  return {
    has: async (ref, stop) => {
      const { name, reference } = partsOf(ref, registryOf(ref));
      const connection = open(ref);
      const signal = AbortSignal.any([stop, timeoutSignal(limits.registryAliveMs)]);
      try {
        const request = { method: 'HEAD', path: `${name}/manifests/${reference}`, headers: { accept: accepted } };
        const { status } = await connection.call(request, signal);
        return status === 200 ? true : status === 404 ? false : null;
      } catch {
        stop.throwIfAborted();
        return null;
      } finally {
        connection.close();
      }
    },
    open: (name) => repositoryAt(name, partsOf(name, registryOf(name)).name, open(name), credentials),
  };
}

function partsOf(ref: string, host: string): { readonly name: string; readonly reference: string } {
  const rest = ref.startsWith(`${host}/`) ? ref.slice(host.length + 1) : ref;
  const [named = '', digest] = rest.split('@');
  const colon = named.lastIndexOf(':');
  const plain = colon > named.lastIndexOf('/') ? named.slice(0, colon) : named;
  const tag = colon > named.lastIndexOf('/') ? named.slice(colon + 1) : 'latest';
  const name = host === 'docker.io' && !plain.includes('/') ? `library/${plain}` : plain;
  return { name, reference: digest ?? tag };
}
