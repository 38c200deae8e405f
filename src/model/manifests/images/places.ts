// Images that a manifest names elsewhere than in its containers: in a custom resource, a variable or an argument. Where, the
// configuration says (`images.X.at`); there only a text that names the image is taken for one.
import type { ImagePlace, ImageSpec, KubeObject } from '../../config.ts';
import { imageSlots, isRecord, type Json } from '../workload.ts';
import { imageOf } from './image.ts';

/** Ref of an image → its places. */
export type ImagePlaces = Readonly<Record<string, readonly ImagePlace[]>>;

export const placesOf = (images: readonly ImageSpec[]): ImagePlaces =>
  Object.fromEntries(images.flatMap(({ ref, places = [] }) => (places.length > 0 ? [[ref, places]] : [])));

type Change = (text: string) => string;

/** The object with `instead` at each of the places that name an image. */
export function withPlaces(object: KubeObject, all: ImagePlaces, instead: (ref: string) => string): KubeObject {
  const refs = Object.keys(all);
  let changed: unknown = object;
  for (const [ref, places] of Object.entries(all)) {
    const change: Change = (text) => (imageOf(text, refs) === ref ? instead(ref) : text);
    for (const place of places) {
      if (place.is === 'annotation') changed = inAnnotations(changed, place.name, change);
      else if (place.is !== 'path') changed = inContainers(changed, place, change);
      else if (place.kind === object.kind) changed = atPath(changed, place.path, change);
    }
  }
  return changed as KubeObject;
}

/** Lists on the way are gone through, all of each unless the path gives a number. */
function atPath(value: unknown, path: readonly string[], change: Change): unknown {
  const [step, ...rest] = path;
  if (typeof value === 'string') return step === undefined ? change(value) : value;
  if (Array.isArray(value)) {
    if (step === undefined) return value.map((item) => (typeof item === 'string' ? change(item) : item));
    if (/^\d+$/.test(step)) return value.map((item, i) => (i === Number(step) ? atPath(item, rest, change) : item));
    return value.map((item) => atPath(item, step === '*' ? rest : path, change));
  }
  if (step === undefined || !isRecord(value) || !Object.hasOwn(value, step)) return value;
  return { ...value, [step]: atPath(value[step], rest, change) };
}

type InContainers = Extract<ImagePlace, { is: 'env' | 'arg' }>;

/** Those of the object, and of every pod template in it. */
function inAnnotations(value: unknown, name: string, change: Change): unknown {
  if (Array.isArray(value)) return value.map((item) => inAnnotations(item, name, change));
  if (!isRecord(value)) return value;
  const inside = Object.entries(value).map(([key, each]): [string, unknown] => {
    const text = key === 'annotations' && isRecord(each) && Object.hasOwn(each, name) ? each[name] : null;
    if (typeof text === 'string') return [key, { ...(each as Json), [name]: change(text) }];
    return [key, inAnnotations(each, name, change)];
  });
  return Object.fromEntries(inside);
}

/** Containers look the same wherever an object holds them, pod templates inside custom resources too. */
function inContainers(value: unknown, place: InContainers, change: Change): unknown {
  if (Array.isArray(value)) return value.map((item) => inContainers(item, place, change));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inside]) => {
      const own = Array.isArray(inside) ? listIn(key, inside, place, change) : null;
      return [key, own ?? inContainers(inside, place, change)];
    }),
  );
}

function listIn(
  key: string,
  items: readonly unknown[],
  place: InContainers,
  change: Change,
): readonly unknown[] | null {
  if (place.is === 'env' && key === 'env') return items.map((item) => variable(item, place.name, change));
  return place.is === 'arg' && /^(args|command)$/.test(key) ? args(items, place.name, change) : null;
}

const variable = (item: unknown, name: string, change: Change): unknown =>
  isRecord(item) && item.name === name && typeof item.value === 'string'
    ? ({ ...item, value: change(item.value) } satisfies Json)
    : item;

/** `--image=REF`, or `--image` and REF after it. */
const args = (items: readonly unknown[], name: string, change: Change): readonly unknown[] =>
  items.map((item, i) => {
    if (typeof item !== 'string') return item;
    if (item.startsWith(`${name}=`)) return `${name}=${change(item.slice(name.length + 1))}`;
    return items[i - 1] === name ? change(item) : item;
  });

/** The configured refs these objects name, each once, in the order met. */
export function imagesIn(
  objects: readonly KubeObject[],
  refs: readonly string[],
  places: ImagePlaces = {},
): readonly string[] {
  const found = new Set<string>();
  for (const object of objects) {
    for (const { image } of imageSlots(object)) found.add(imageOf(image, refs) ?? '');
    withPlaces(object, places, (ref) => {
      found.add(ref);
      return ref;
    });
  }
  return [...found].filter((ref) => ref !== '');
}
