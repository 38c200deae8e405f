// What holds of some of all resources, kept up by those that changed: a turn costs what it touched, not what there is. It is
// remembered of the state that was asked about last, beside it: of any other it is found anew, and is the same.
import { type Listing, listed, placesChanged } from './resource-list.ts';

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
    const before = list;
    const changed = placesChanged(before, now);
    const leaving = changed.filter((place) => place < before.length && is(before[place] as T));
    const entering = changed.filter((place) => place < now.length && is(now[place] as T));
    list = now;
    if (leaving.length === 0 && entering.length === 0) return found;
    const [sorted, resources] = [[...places], [...found]];
    for (const place of leaving) {
      const at = positionOf(sorted, place, (a, b) => by(before[a] as T, before[b] as T) || a - b);
      sorted.splice(at, 1);
      resources.splice(at, 1);
    }
    for (const place of entering) {
      const at = positionOf(sorted, place, (a, b) => by(now[a] as T, now[b] as T) || a - b);
      sorted.splice(at, 0, place);
      resources.splice(at, 0, now[place] as T);
    }
    places = sorted;
    found = resources;
    return found;
  };
}

/** Where `place` stands among those that are sorted, or would stand. */
function positionOf(sorted: readonly number[], place: number, compare: (a: number, b: number) => number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(sorted[middle] as number, place) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
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
