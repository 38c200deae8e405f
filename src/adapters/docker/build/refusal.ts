// What a builder of Docker cannot do is refused by name before anything is sent to it.
import { ProblemError } from '../../../model/problems/problem.ts';

/** `builder` and `asked` as in "the classic builder of … cannot do this: named contexts"; `or`: what else there is to do. */
export const cannotDo = (builder: string, asked: readonly string[], or: string | null): ProblemError =>
  new ProblemError({
    kind: 'yours',
    code: 'S265',
    what: `${builder} cannot do this: ${asked.join(', ')}`,
    hint: `${or === null ? '' : `${or}, or `}choose another builder (docs/builders.md)`,
  });
