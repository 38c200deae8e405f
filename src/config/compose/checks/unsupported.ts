// What a Compose file can say and sluice does not do: said by name where it stands, never left out in silence. `docs/compose.md`
// lists the same.
import { isMap } from '../forms/forms.ts';
import { isCache } from '../images.ts';

/** Paths within a service, and why. */
const ofServices: Readonly<Record<string, string>> = {
  provider: 'what is not a container is not started',
  models: 'language models are not run',
  credential_spec: 'it is for Windows containers',
  isolation: 'it is for Windows containers',
  pre_start: 'nothing runs before a container',
  use_api_socket: 'the socket of the engine is not handed on',
  'deploy.mode': 'it is for Swarm',
  'deploy.endpoint_mode': 'it is for Swarm',
  'deploy.update_config': 'it is for Swarm',
  'deploy.rollback_config': 'it is for Swarm',
  'deploy.placement': 'it is for Swarm',
  'deploy.resources.reservations.generic_resources': 'it is for Swarm',
  'build.isolation': 'it is for Windows containers',
  'build.privileged': 'no build gets more rights',
  'build.cache_from': 'this kind of cache is not known',
  'build.cache_to': 'this kind of cache is not known',
  'build.network': 'a build has the network of the engine, that of the machine, or none',
};

/** Values of these that are carried out. */
const carriedOut: Readonly<Record<string, (value: unknown) => boolean>> = {
  'deploy.mode': (value) => value === 'replicated',
  'build.cache_from': (value) => Array.isArray(value) && value.every(isCache),
  'build.cache_to': (value) => Array.isArray(value) && value.every(isCache),
  'build.network': (value) => value === 'default' || value === 'none' || value === 'host',
};

/** Taken apart once: each service of each file is held against all of them. */
const unsupported = Object.entries(ofServices).map(([key, why]) => ({ key, path: key.split('.'), why }));

/** `path` within the service; `why` ends the sentence. */
export function unsupportedIn(service: unknown): readonly { readonly path: readonly string[]; readonly why: string }[] {
  return unsupported.flatMap(({ key, path, why }) => {
    let value = service;
    for (const name of path) value = isMap(value) ? value[name] : undefined;
    if (value === undefined || value === null || value === false) return [];
    const isNothing = isMap(value) && Object.keys(value).length === 0;
    return isNothing || carriedOut[key]?.(value) ? [] : [{ path, why }];
  });
}
