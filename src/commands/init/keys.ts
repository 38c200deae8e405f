// A map of somebody else's configuration, read key by key: what nobody took is known by its path, so that it can be told.
import { isRecord, type Json, text } from '../../model/manifests/workload.ts';
import { lookup } from '../../model/text/lookup.ts';

export interface Keys {
  names(): readonly string[];
  /** False for what is empty as well. */
  has(key: string): boolean;
  /** The value; from now on it counts as taken over. */
  take(key: string): unknown;
  /** The same, null where it is no text. */
  text(key: string): string | null;
  /** Its texts; a single one counts as a list of it. */
  texts(key: string): readonly string[];
  /** A map inside, empty where there is none. What is left of it is told key by key. */
  map(key: string): Keys;
  maps(key: string): readonly Keys[];
  /** It could not be taken over after all. */
  leave(key: string): void;
  /** Paths of what nobody took, such as `build.artifacts[web].docker.network`. */
  left(): readonly string[];
}

export function keys(value: Json, path = ''): Keys {
  const opened = new Map<string, readonly Keys[]>();
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  const take = (key: string): unknown => {
    opened.set(key, []);
    return lookup(value, key);
  };
  const open = (key: string, inside: readonly Keys[]): readonly Keys[] => {
    opened.set(key, inside);
    return inside;
  };
  const maps = (key: string): readonly Keys[] => {
    const all = lookup(value, key);
    if (!Array.isArray(all) || !all.every(isRecord)) return [];
    return (
      opened.get(key) ??
      open(
        key,
        all.map((each, i) => keys(each, `${below(key)}[${named(each) ?? i}]`)),
      )
    );
  };
  const map = (key: string): Keys => {
    const inside = lookup(value, key);
    if (!isRecord(inside)) return keys({});
    return (opened.get(key) ?? open(key, [keys(inside, below(key))]))[0] ?? keys({});
  };
  return {
    names: () => Object.keys(value),
    has: (key) => !isEmpty(lookup(value, key)),
    take,
    text: (key) => text(take(key)),
    texts: (key) => [take(key)].flat().filter((each): each is string => typeof each === 'string' && each !== ''),
    map,
    maps,
    leave: (key) => void opened.delete(key),
    left: () =>
      Object.keys(value).flatMap((key) => {
        const [inside, whole] = [opened.get(key), lookup(value, key)];
        if (inside) return inside.flatMap((each) => each.left());
        if (isRecord(whole) && !isEmpty(whole)) return keys(whole, below(key)).left();
        return isRecord(whole) || !isEmpty(whole) ? [below(key)] : [];
      }),
  };
}

const named = ({ image, imageName, name, resourceName }: Json): string | null =>
  text(image) ?? text(imageName) ?? text(name) ?? text(resourceName);

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.keys(value).length === 0);
