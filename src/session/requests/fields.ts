// Fields of a request as they may be: a value of another kind, or a mistyped name, would ask for something else in silence.
import type { Problem } from '../../model/problems/problem.ts';
import { shortened } from '../../model/text/cut.ts';
import { nearest } from '../../model/text/nearest.ts';

type Rule = readonly [words: string, example: string, isGood: (value: unknown) => boolean];

const text: Rule = ['text', '"web"', (value) => typeof value === 'string' && value !== ''];
const flag: Rule = ['true or false', 'true', (value) => typeof value === 'boolean'];

const rules: ReadonlyMap<string, Rule> = new Map([
  ['resource', text],
  [
    'resources',
    [
      'a list of names',
      '["web", "db"]',
      (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
    ],
  ],
  ['all', flag],
  ['force', flag],
  ['fresh', flag],
  ['progress', flag],
  ['watch', flag],
  ['follow', flag],
  ['previous', flag],
  ['timeoutMs', ['a number of milliseconds', '60000', (value) => typeof value === 'number' && value >= 0]],
  ['tail', ['a number of lines', '200', (value) => typeof value === 'number' && value >= 1]],
  ['grep', text],
  ['container', text],
]);

const known = ['id', 'do', 'mode', 'level', 'source', 'since', ...rules.keys()];

/** Names that are like none of those are left: a later client may say more. */
export function fieldProblem(request: Readonly<Record<string, unknown>>): Problem | null {
  for (const [name, value] of Object.entries(request)) {
    const [words = '', example = '', isGood] = rules.get(name) ?? [];
    if (isGood && !isGood(value))
      return problem(`${name}: expected ${words}, not ${shown(value)}`, `such as "${name}": ${example}`);
    const near = known.includes(name) ? null : nearest(name, known);
    if (near !== null) return problem(`a request has no field ${name.slice(0, 50)}`, `did you mean ${near}?`);
  }
  return null;
}

const shown = (value: unknown): string => shortened(JSON.stringify(value) ?? '', 50);

const problem = (what: string, hint: string): Problem => ({ kind: 'yours', code: 'S658', what, hint });
