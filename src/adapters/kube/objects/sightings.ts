// Objects that are asked for by the dozen within a moment are listed once, a round trip for all of them instead of one each.
import type { KubeObject, ObjectRef } from '../../../model/config.ts';
import { limits } from '../../../model/limits.ts';
import type { KubePort } from '../../../model/ports.ts';
import { unlessAborted } from '../../../operators/promises/unless-aborted.ts';

type ByName = ReadonlyMap<string, KubeObject>;

/** What one kind in one namespace was asked for since the first of it was. */
interface Moment {
  readonly kind: string;
  asked: number;
  /** Names that a list of this moment says nothing of: it was told once, or they were written since. */
  readonly spent: Set<string>;
  listed: Promise<ByName> | null;
  end: NodeJS.Timeout | undefined;
}

export interface Sightings {
  readonly sighted: KubePort['sighted'];
  /** To be called when a write is over, well or not: what was listed before it is no longer known to be so. */
  written(kind: string, name: string): void;
}

const never = new AbortController().signal;

/**
 * A moment lasts limits.sightingMs from its first question, or from the answer where it is listed: a cluster that takes longer for a
 * list would else be asked for it again and again. Then all of it is forgotten. The first limits.askedSingly questions get no answer:
 * a list is worth its cost to many only. One moment after another they are listed at once. Nobody's abort ends a list that others
 * wait for.
 */
export function sightings(list: KubePort['list']): Sightings {
  const moments = new Map<string, Moment>();
  const begin = (key: string, kind: string, asked = 0): Moment => {
    const begun: Moment = { kind, asked, spent: new Set(), listed: null, end: undefined };
    moments.set(key, begun);
    goOn(key, begun);
    return begun;
  };
  const goOn = (key: string, moment: Moment): void => {
    const end = (): void => {
      if (moment.listed === null) moments.delete(key);
      else begin(key, moment.kind, limits.askedSingly);
    };
    moment.end = setTimeout(end, limits.sightingMs).unref();
  };
  /** Where it may not be listed, or not now, who asks for the one object is told why. */
  const listed = async (key: string, moment: Moment, asked: Promise<readonly KubeObject[]>): Promise<ByName> => {
    clearTimeout(moment.end);
    try {
      return byName(await asked);
    } catch {
      return new Map();
    } finally {
      goOn(key, moment);
    }
  };
  return {
    async sighted({ apiVersion, kind, namespace, name }: ObjectRef, labelSelector, stop) {
      const key = `${apiVersion} ${kind} ${namespace} ${labelSelector}`;
      const moment = moments.get(key) ?? begin(key, kind);
      moment.asked++;
      if (moment.spent.has(name)) return null;
      moment.spent.add(name);
      if (moment.asked <= limits.askedSingly) return null;
      moment.listed ??= listed(key, moment, list(apiVersion, kind, namespace, labelSelector, never));
      return (await unlessAborted(moment.listed, stop)).get(name) ?? null;
    },
    written(kind, name) {
      for (const moment of moments.values()) if (moment.kind === kind) moment.spent.add(name);
    },
  };
}

const byName = (objects: readonly KubeObject[]): ByName =>
  new Map(objects.map((object) => [object.metadata.name, object]));
