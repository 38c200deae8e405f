// What each resource has put into which cluster, across sessions: .sluice/deployed.json. What is in there is deleted only
// where the object in the cluster carries our label as well.
import type { ObjectRef } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import { isRecord } from '../../model/manifests/workload.ts';
import type { DiskPort, KubeInfo } from '../../model/ports.ts';
import type { JobNote } from '../../model/run.ts';
import { serially } from '../../operators/promises/serially.ts';
import { noteFile } from '../note-file.ts';
import { refKey } from './objects/namespaces.ts';

export interface DeployedNote {
  readonly objects: readonly ObjectRef[];
  /** About to be deployed when it was written: there or not, and whose is not known. */
  readonly planned?: readonly ObjectRef[];
  /** By `refKey`. */
  readonly jobs: Readonly<Record<string, JobNote>>;
  /** No longer in the manifests and left where it is, for `down --volumes` and `--namespaces`. */
  readonly kept: readonly ObjectRef[];
}

/** A namespace of a cluster: the same manifests may be deployed to several. */
export type Place = string;

export interface DeployedNotes {
  /** By resource; those that the configuration no longer has included. */
  all(place: Place): Promise<ReadonlyMap<string, DeployedNote>>;
  recall(place: Place, resource: string): Promise<DeployedNote>;
  /** Null forgets it. Rejects with S505 where the note cannot be written. */
  write(place: Place, resource: string, note: DeployedNote | null): Promise<void>;
  /** What must not be cut off at the end of a session. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing of that is under way, and nothing is being written. */
  settled(): Promise<void>;
}

type OfPlace = ReadonlyMap<string, DeployedNote>;
type Notes = ReadonlyMap<Place, OfPlace>;

export const nothing: DeployedNote = { objects: [], jobs: {}, kept: [] };

export const placeOf = ({ context, server }: KubeInfo, namespace: string): Place => `${context} ${server} ${namespace}`;

/** `config`: name of the configuration file; several in one directory know nothing of each other. */
export function createDeployedNotes(disk: Pick<DiskPort, 'load' | 'save'>, dir: string, config: string): DeployedNotes {
  const file = noteFile('deployed', config);
  const underWay = new Set<Promise<unknown>>();
  // Each writes what it read, with its own change.
  const inTurn = serially();
  // Asked for at each run of each resource, and seldom another than before.
  let known: { readonly value: unknown; readonly notes: Notes } | null = null;
  const load = async (): Promise<Notes> => {
    const value = await disk.load(dir, file);
    if (known === null || known.value !== value) known = { value, notes: read(value) };
    return known.notes;
  };
  const all = (place: Place) => inTurn(async () => (await load()).get(place) ?? new Map<string, DeployedNote>());
  return {
    all,
    recall: async (place, resource) => (await all(place)).get(resource) ?? nothing,
    write: (place, resource, note) =>
      inTurn(async () => {
        const notes = await load();
        if (isSame(notes.get(place)?.get(resource) ?? null, note)) return;
        await disk.save(dir, file, written(withNote(notes, place, resource, note)));
      }),
    during: (work) => {
      const tracked = work.catch(() => {}).finally(() => underWay.delete(tracked));
      underWay.add(tracked);
      return work;
    },
    settled: async () => {
      await Promise.all(underWay);
      await inTurn(async () => {});
    },
  };
}

/** The place used last comes last; the one unused for longest is forgotten first. */
function withNote(notes: Notes, place: Place, resource: string, note: DeployedNote | null): Notes {
  const own = new Map(notes.get(place));
  if (note) own.set(resource, note);
  else own.delete(resource);
  const others = [...notes].filter(([other]) => other !== place);
  return new Map(own.size > 0 ? [...others, [place, own]] : others);
}

const isSame = (a: DeployedNote | null, b: DeployedNote | null): boolean => JSON.stringify(a) === JSON.stringify(b);

const written = (notes: Notes): unknown =>
  Object.fromEntries(
    [...notes].slice(-limits.clustersRemembered).map(([place, resources]) => [place, Object.fromEntries(resources)]),
  );

/** Written by another version or by hand: what does not look right is left out. */
function read(value: unknown): Notes {
  const places = isRecord(value) ? Object.entries(value) : [];
  return new Map(
    places.map(([place, resources]) => [
      place,
      new Map(
        Object.entries(isRecord(resources) ? resources : {}).flatMap(([name, note]) =>
          isRecord(note) ? [[name, noteOf(note)]] : [],
        ),
      ),
    ]),
  );
}

const noteOf = ({ objects, planned, jobs, kept }: Readonly<Record<string, unknown>>): DeployedNote => ({
  objects: refsIn(objects),
  ...(planned === undefined ? {} : { planned: refsIn(planned) }),
  jobs: Object.fromEntries(
    Object.entries(isRecord(jobs) ? jobs : {}).filter(([, job]) => isJob(job)),
  ) as DeployedNote['jobs'],
  kept: refsIn(kept),
});

const refsIn = (value: unknown): readonly ObjectRef[] => (Array.isArray(value) ? value.filter(isRef) : []);

const isRef = (value: unknown): value is ObjectRef =>
  isRecord(value) &&
  [value.apiVersion, value.kind, value.name].every((text) => typeof text === 'string' && text !== '') &&
  (value.namespace === null || typeof value.namespace === 'string');

const isJob = (value: unknown): boolean =>
  isRecord(value) &&
  typeof value.digest === 'string' &&
  typeof value.isDone === 'boolean' &&
  (value.home === null || typeof value.home === 'string');

/** All that may be there of what the configuration wanted. */
export const mayBeThere = ({ objects, planned = [] }: DeployedNote): readonly ObjectRef[] => union(objects, planned);

/** Each object once. */
export function union(...lists: readonly (readonly ObjectRef[])[]): readonly ObjectRef[] {
  return [...new Map(lists.flat().map((ref) => [refKey(ref), ref])).values()];
}
