// Secrets are taken out of strings alone: in JSON text a number, `true` or a key may look like one. What stays is JSON with
// the same keys, and names and words of ours keep their meaning, so that a recording replays to the same states.
import { jsonText } from '../model/json.ts';
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

type Names = ReadonlySet<string> | null;

/** One line of JSON without a secret in any string; `scrub` hides them in text. */
export function scrubbedJson(value: unknown, scrub: Scrub): string {
  const line = jsonText(value);
  return scrub(line) === line ? line : jsonText(inside(value, '', ours, scrub));
}

function inside(value: unknown, key: string, names: Names, scrub: Scrub): unknown {
  if (typeof value === 'string') return names?.has(key) ? value : scrub(value);
  if (Array.isArray(value)) return value.map((each) => inside(each, key, names, scrub));
  if (typeof value !== 'object' || value === null) return value;
  const isPatch = 'op' in value && 'path' in value;
  return Object.fromEntries(
    Object.entries(value).map(([own, each]) => {
      const meant =
        isPatch && own === 'value' ? String(value.path).slice(String(value.path).lastIndexOf('/') + 1) : own;
      // What stands below `labels` or `images` is as open as they are.
      const below = names?.has(key) && (key === 'labels' || key === 'matchLabels' || key === 'images') ? key : meant;
      return [own, inside(each, below, namesBelow(own, names), scrub)];
    }),
  );
}

function namesBelow(key: string, names: Names): Names {
  if (names === null || opaque.has(key)) return null;
  return key === 'object' ? ofManifests : names;
}
