// Which object an object is: the same name in another API version is the same object, in another group it is not.
import type { KubeObject, ObjectRef } from '../config.ts';

/** `namespace` stands in where the object names none. */
export function objectRef(object: KubeObject, namespace: string | null = null): ObjectRef {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace ?? namespace };
}

/** Equal for two manifests of one object. */
export function objectKey(object: KubeObject, namespace: string | null = null): string {
  const { apiVersion, kind, metadata } = object;
  const apiGroup = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return [apiGroup, kind, metadata.namespace ?? namespace ?? '', metadata.name].join('|');
}

/** `configmap/web-config`, as `resources.X.objects` names it. */
export const objectName = (object: KubeObject): string => `${object.kind.toLowerCase()}/${object.metadata.name}`;
