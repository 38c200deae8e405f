// `${VAR}` and `${VAR:-default}` in the strings of sluice.yaml, after parsing: a value can never change the structure.
// As in Compose, `$$` stands for `$`, and an empty variable takes the default too. Shell text (cmd, serve, command, exec) is
// left to the shell, whose environment holds the same variables: text put into it would be read as shell code. A Dockerfile has
// variables of its own.

import type { Problem } from '../../model/problems/problem.ts';
import { hintFor } from '../../model/text/nearest.ts';
import { isInline } from '../images/inline-dockerfile.ts';
import type { Path, Source } from '../yaml/document.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const shellKeys = new Set<string | number>(['cmd', 'serve', 'command', 'exec', 'entrypoint']);
/** Their keys are names of the user's own. */
const freeMaps = new Set<string | number>(['args', 'env', 'set']);

const isShell = (path: Path): boolean => shellKeys.has(path.at(-1) ?? '') && !freeMaps.has(path.at(-2) ?? '');

/** The value with every string expanded; each problem stands at its string. */
export function expand(
  source: Source,
  variables: Variables,
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string')
      return isShell(path) || (path.at(-1) === 'dockerfile' && isInline(value))
        ? value
        : expandText(value, variables, (what, hint) =>
            problems.push({ kind: 'yours', code: 'S105', what, hint, at: source.at(path) }),
          );
    if (Array.isArray(value)) return value.map((each, i) => walk(each, [...path, i]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, walk(inside, [...path, key])]));
  };
  return { value: walk(source.value, []), problems };
}

export function expandText(text: string, variables: Variables, report: (what: string, hint: string) => void): string {
  return text.replace(/\$\$|\$\{([^}]*)(\}?)/g, (whole, inside?: string, end?: string) => {
    if (inside === undefined) return '$';
    if (end === '') {
      report('${ is never closed', 'write } after the name; $${ for the text itself');
      return whole;
    }
    const [, name, fallback] = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/.exec(inside) ?? [];
    if (name === undefined) {
      report(`${whole} is no variable`, 'write ${NAME} or ${NAME:-default}; $${…} for the text itself');
      return whole;
    }
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value !== undefined && (value !== '' || fallback === undefined)) return value;
    if (fallback !== undefined) return fallback;
    const known = Object.keys(variables);
    const near = hintFor(name, known);
    report(
      `the variable ${name} is not set`,
      `${near.startsWith('did') ? `${near} Or set it` : 'set it'}, or write \${${name}:-default}`,
    );
    return '';
  });
}
