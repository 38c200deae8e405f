// Registries asked from this machine, without any Docker: is an image there, what is in it, and here is another.
import { limits } from '../../model/limits.ts';
import type { RegistryPort } from '../../model/ports/registry.ts';
import { timeoutSignal } from '../../operators/promises/timeout-signal.ts';
import type { Env } from './config-file.ts';
import { Connection, usualReach } from './connection.ts';
import { Connections } from './connections.ts';
import { credentialsFrom } from './credentials.ts';
import { presence } from './presence.ts';
import { partsOf, registryOf } from './reference.ts';
import { repositoryAt } from './repository.ts';

export function createRegistry({ env, home }: { readonly env: Env; readonly home: string }): RegistryPort {
  const credentials = credentialsFrom(env, home);
  const connections = new Connections(credentials);
  return {
    has: async (ref, stop) => {
      const host = registryOf(ref);
      const signal = AbortSignal.any([stop, timeoutSignal(limits.registryAliveMs)]);
      const answer = await presence(connections.to(host, usualReach(host)), ref, signal).catch(() => 'unclear');
      stop.throwIfAborted();
      return answer === 'there' ? true : answer === 'missing' ? false : null;
    },
    open: (name) => {
      const host = registryOf(name);
      return repositoryAt(name, partsOf(name, host).name, new Connection(host, credentials), credentials);
    },
  };
}
