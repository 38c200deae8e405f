// The order in which resources start: as written, what they need before them.
import { unknownNames } from '../../config/unknown-name.ts';
import { wantedNames } from '../../engine/fold/config.ts';
import type { Config } from '../../model/config.ts';
import { ProblemError } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';

/** The resources named and all they need; all when none is named. Throws a ProblemError for a name that is none. */
export function startOrder(config: Config, only: readonly string[]): readonly string[] {
  const [unknown] = unknownNames(only, config.order);
  if (unknown) throw new ProblemError({ ...unknown, code: 'S652' });
  const wanted = wantedNames(config, only);
  const order = new Set<string>();
  const add = (name: string): void => {
    for (const need of lookup(config.resources, name)?.needs ?? []) if (!order.has(need.name)) add(need.name);
    order.add(name);
  };
  for (const name of config.order) if (wanted.has(name)) add(name);
  return [...order];
}
