// What an applied object says of the deploy that made it: enough to take it down again where nothing else is remembered.
import type { KubeObject } from '../config.ts';
import { originAnnotation } from '../labels.ts';
import { objectKey } from './identity.ts';
import { isRecord } from './workload.ts';

export interface Origin {
  /** `objectKey` of the object itself: somebody's copy of it carries the same labels and is not ours. */
  readonly object: string;
  /** The session's, which need not be the object's own. */
  readonly namespace: string;
  /** Name of the configuration file: several in one directory know nothing of each other. */
  readonly config: string;
  /** Resources that its resource needs: they go after it. */
  readonly needs: readonly string[];
}

export const originText = ({ object, namespace, config, needs }: Origin): string =>
  JSON.stringify({ object, namespace, config, needs });

/** Null where it says nothing that can be read. */
export function originOf({ metadata }: KubeObject): Origin | null {
  const text = metadata.annotations?.[originAnnotation];
  if (text === undefined) return null;
  try {
    const said: unknown = JSON.parse(text);
    if (!isRecord(said)) return null;
    const { object, namespace, config, needs } = said;
    if (typeof object !== 'string' || typeof namespace !== 'string' || typeof config !== 'string') return null;
    const named = Array.isArray(needs) ? needs.filter((need) => typeof need === 'string') : [];
    return { object, namespace, config, needs: named };
  } catch {
    return null;
  }
}

/** It carries what was written on another object: somebody copied that one. */
export function isCopy(object: KubeObject): boolean {
  const origin = originOf(object);
  return origin !== null && origin.object !== objectKey(object);
}
