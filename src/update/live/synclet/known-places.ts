// What is known of the places in one container: asked for once, so that the next save of a file costs no round trip more.
import { limits } from '../../../model/limits.ts';
import type { PlaceEntry, TreeEntry } from '../../../model/ports.ts';
import type { SyncRequest } from './message.ts';

export interface KnownPlaces {
  get(place: string): PlaceEntry | undefined;
  set(place: string, entry: PlaceEntry): void;
  /** After a request was carried out: `entries` as they were put there. */
  carriedOut(request: SyncRequest, entries: readonly TreeEntry[]): void;
}

export function knownPlaces(): KnownPlaces {
  const places = new Map<string, PlaceEntry>();
  const set = (place: string, entry: PlaceEntry): void => {
    if (places.size >= limits.syncPlaces) places.clear();
    places.set(place, entry);
  };
  return {
    get: (place) => places.get(place),
    set,
    carriedOut(request, entries) {
      // Steps and a program that starts may do anything to files, and what is removed may have been full of them.
      const isSimple =
        request.runs.length + request.removes.length + request.emptied.length + request.unlinks.length === 0;
      if (!isSimple || request.restart !== null) return places.clear();
      for (const { path, type, mode, uid = 0, gid = 0 } of entries)
        if (type === 'symlink') places.delete(`/${path}`);
        else set(`/${path}`, { is: type, mode, uid, gid });
    },
  };
}
