// Which path a kind has, and whether it lives in namespaces: asked of the cluster once per API version.
import type { ObjectRef } from '../../../model/config.ts';
import { problemCodes } from '../../../model/problems/code-names.ts';
import { hasCode } from '../../../model/problems/problem.ts';
import { failure } from '../failure.ts';
import type { KubeHttp } from '../http.ts';

export interface ResourceKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** Plural, as in paths. */
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface Discovery {
  /** Rejects with S313 when the cluster does not know the kind. */
  find(apiVersion: string, kind: string, stop: AbortSignal): Promise<ResourceKind>;
}

const groupPath = (apiVersion: string): string =>
  `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion.split('/').map(encodeURIComponent).join('/')}`;

/** Path of a collection, or of one object of it. */
export function pathOf(resource: ResourceKind, namespace: string | null, name?: string): string {
  const space = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${groupPath(resource.apiVersion)}${space}/${encodeURIComponent(resource.plural)}${object}`;
}

function readResources(apiVersion: string, raw: unknown): Map<string, ResourceKind> {
  const { resources } = (raw ?? {}) as { resources?: { name?: unknown; kind?: unknown; namespaced?: unknown }[] };
  const kinds = new Map<string, ResourceKind>();
  for (const { name, kind, namespaced } of Array.isArray(resources) ? resources : []) {
    if (typeof name !== 'string' || typeof kind !== 'string' || name.includes('/') || kinds.has(kind)) continue;
    kinds.set(kind, { apiVersion, kind, plural: name, namespaced: namespaced === true });
  }
  return kinds;
}

const unknownKind = (apiVersion: string, kind: string) =>
  failure(
    'step',
    'S313',
    `the cluster knows no kind ${kind} in ${apiVersion}`,
    'is its CustomResourceDefinition installed, and the apiVersion right?',
  );

export function discovery(http: KubeHttp): Discovery {
  const known = new Map<string, Map<string, ResourceKind>>();
  const ask = async (apiVersion: string, kind: string, stop: AbortSignal): Promise<Map<string, ResourceKind>> => {
    try {
      const raw = await http.json(
        { path: groupPath(apiVersion), subject: { verb: 'discover', kind: apiVersion } },
        stop,
      );
      const kinds = readResources(apiVersion, raw);
      known.set(apiVersion, kinds);
      return kinds;
    } catch (error) {
      if (hasCode(error, problemCodes.noObject)) throw unknownKind(apiVersion, kind);
      throw error;
    }
  };
  return {
    async find(apiVersion, kind, stop) {
      // A kind that is missing may have been installed a moment ago: asked again each time.
      const found = known.get(apiVersion)?.get(kind) ?? (await ask(apiVersion, kind, stop)).get(kind);
      if (!found) throw unknownKind(apiVersion, kind);
      return found;
    },
  };
}

/** Null where the kind itself is unknown: then there is no such object either. */
export async function findKind(
  kinds: Discovery,
  ref: Pick<ObjectRef, 'apiVersion' | 'kind'>,
  stop: AbortSignal,
): Promise<ResourceKind | null> {
  try {
    return await kinds.find(ref.apiVersion, ref.kind, stop);
  } catch (error) {
    if (hasCode(error, problemCodes.unknownKind)) return null;
    throw error;
  }
}
