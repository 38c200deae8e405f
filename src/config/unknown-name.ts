// A name that no resource has: one wording wherever names are taken.

import type { Problem } from '../model/problems/problem.ts';
import { hintFor } from '../model/text/nearest.ts';

/** One problem for each of `names` that is not in `known`, with the nearest that is. */
export const unknownNames = (names: readonly string[], known: readonly string[]): readonly Problem[] =>
  names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      kind: 'yours',
      code: 'S623',
      what: `no resource ${name.slice(0, 100)}`,
      hint: hintFor(name, known, 'there are'),
    }));
