// What holds of some of all resources, kept up by those that changed: a turn costs what it touched, not what there is. It is
// remembered of the state that was asked about last, beside it: of any other it is found anew, and is the same.
import { type Listing, listed } from './resource-list.ts';

/** Those of whom `is` holds, sorted by `by` and then in their order: the same array as long as it holds the same ones. */
export function those<T>(
  is: (resource: T) => boolean,
  by: (a: T, b: T) => number = () => 0,
): (state: Listing<T>) => readonly T[] {
  let list: readonly T[] = [];
  let places: readonly number[] = [];
  let found: readonly T[] = [];
  return (state) => {
    const now = listed(state);
    if (now === list) return found;
    const changed = placesChanged(list, now);
    const left = changed.some((place) => place < list.length && is(list[place] as T));
    const entering = changed.filter((place) => place < now.length && is(now[place] as T));
    list = now;
    if (!left && entering.length === 0) return found;
    const compare = (a: number, b: number): number => by(now[a] as T, now[b] as T) || a - b;
    const gone = new Set(changed);
    const staying = left ? places.filter((place) => !gone.has(place)) : places;
    places = merged(staying, entering.sort(compare), compare);
    found = places.map((place) => now[place] as T);
    return found;
  };
}

/** What `ask` says of each, in their order: the same array as long as all answers are. */
export function answersOf<T, A>(ask: (resource: T) => A): (state: Listing<T>) => readonly A[] {
  let list: readonly T[] = [];
  let answers: readonly A[] = [];
  return (state) => {
    const now = listed(state);
    if (now === list) return answers;
    const other = placesChanged(list, now)
      .filter((place) => place < now.length)
      .map((place) => [place, ask(now[place] as T)] as const)
      .filter(([place, answer]) => answers[place] !== answer);
    if (other.length > 0 || now.length !== list.length) {
      const made = answers.slice(0, now.length);
      for (const [place, answer] of other) made[place] = answer;
      answers = made;
    }
    list = now;
    return answers;
  };
}

/** Some dozens ask of one turn about the same two lists: the last answer is kept. */
let last: { before: readonly unknown[]; after: readonly unknown[]; changed: readonly number[] } | null = null;

function placesChanged<T>(before: readonly T[], after: readonly T[]): readonly number[] {
  if (last?.before === before && last.after === after) return last.changed;
  const changed: number[] = [];
  const most = Math.max(before.length, after.length);
  for (let place = 0; place < most; place++) if (before[place] !== after[place]) changed.push(place);
  last = { before, after, changed };
  return changed;
}

function merged(a: readonly number[], b: readonly number[], compare: (a: number, b: number) => number): number[] {
  if (b.length === 0) return [...a];
  const all: number[] = [];
  let next = 0;
  for (const place of a) {
    while (next < b.length && compare(b[next] as number, place) < 0) all.push(b[next++] as number);
    all.push(place);
  }
  return [...all, ...b.slice(next)];
}
