// Secrets are taken out of strings alone: in JSON text a number, `true` or a key may look like one. What stays is JSON with
// the same keys, and names and words of ours keep their meaning, so that a recording replays to the same states.
import { jsonText } from '../../model/text/json.ts';
import type { Scrub } from './scrub.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Values that are names, places or words of ours, none of which a Secret holds for its own sake. */
const ours = words(
  'type kind is name namespace resource ref run feed id uid podUid reason status state phase cause strategy level source ' +
    'trigger onChange update updateMode do by mode code apiVersion image imageId tagged inCluster pushed digest inputDigest ' +
    'path file dir from to local host context cluster server hash targets roots order bases images on container pod node ' +
    'owner ip socket runId first labels matchLabels selectors op',
);
/** The same in an object of a manifest, where any other key is the user's. */
const ofManifests = words('kind apiVersion name namespace image labels matchLabels');
/** Below these all is the user's, whatever it is called. */
const opaque = words('data stringData annotations env args command cmd');

/** Maps, or lists of names with values, whose every value is hidden however short: nothing that is decided depends on one. */
const valued = words('args env httpHeaders');
const mayHaveValues = /"(?:args|env|httpHeaders)":[{[]/;

type Names = ReadonlySet<string> | null;

/** One line of JSON without a secret in any string; `scrub` hides them in text. */
export function scrubbedJson(value: unknown, scrub: Scrub): string {
  const line = jsonText(value);
  return scrub(line) === line && !mayHaveValues.test(line) ? line : jsonText(scrubbedValue(value, scrub));
}

/** The same as a value; `known`: what was made of objects before, by the same `scrub`. What has no secret in it stays what it is. */
export const scrubbedValue = <T>(value: T, scrub: Scrub, known: WeakMap<object, object> = new WeakMap()): T =>
  inside(value, '', ours, { scrub, known }) as T;

interface Scrubbing {
  readonly scrub: Scrub;
  readonly known: WeakMap<object, object>;
}

function inside(value: unknown, key: string, names: Names, scrubbing: Scrubbing): unknown {
  if (typeof value === 'string') return names?.has(key) ? value : scrubbing.scrub(value);
  if (typeof value !== 'object' || value === null) return value;
  const before = scrubbing.known.get(value);
  if (before) return before;
  const isValued = valued.has(key) && holdsValues(value);
  const made = Array.isArray(value)
    ? value.map((each) => (isValued ? withoutValue(each, scrubbing) : inside(each, key, names, scrubbing)))
    : Object.fromEntries(
        Object.entries(value).map(([own, each]) => [
          own,
          isValued ? hiddenValue(each, scrubbing) : member(value, own, each, key, names, scrubbing),
        ]),
      );
  const isSame = Object.entries(made).every(([own, each]) => (value as Record<string, unknown>)[own] === each);
  const result = isSame ? value : made;
  scrubbing.known.set(value, result);
  return result;
}

function member(value: object, own: string, each: unknown, key: string, names: Names, scrubbing: Scrubbing): unknown {
  const isPatch = 'op' in value && 'path' in value;
  const meant = isPatch && own === 'value' ? String(value.path).slice(String(value.path).lastIndexOf('/') + 1) : own;
  // What stands below `labels` or `images` is as open as they are.
  const below = names?.has(key) && (key === 'labels' || key === 'matchLabels' || key === 'images') ? key : meant;
  return inside(each, below, namesBelow(own, names), scrubbing);
}

/** A map of texts, or a list of `{name, value}`: something that is only called so, a resource, holds more. */
const holdsValues = (value: object): boolean =>
  Array.isArray(value)
    ? value.every((each) => typeof each?.name === 'string')
    : Object.values(value).every((each) => typeof each === 'string');

/** Called by its Secret where it is the value of one. */
function hiddenValue(value: unknown, { scrub }: Scrubbing): string {
  const scrubbed = scrub(String(value));
  return /^\[redacted [^\]]*\]$/.test(scrubbed) ? scrubbed : '[redacted]';
}

function withoutValue(each: { readonly value?: unknown }, scrubbing: Scrubbing): unknown {
  return typeof each.value === 'string' ? { ...each, value: hiddenValue(each.value, scrubbing) } : each;
}

function namesBelow(key: string, names: Names): Names {
  if (names === null || opaque.has(key)) return null;
  return key === 'object' ? ofManifests : names;
}
