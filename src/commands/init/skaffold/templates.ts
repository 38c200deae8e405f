// Skaffold's Go templates as variables of sluice.yaml: `{{.NAME}}` is `${NAME}`.
import { plain } from '../draft.ts';

export interface Templates {
  /** Null where it says what only Skaffold knows. */
  text(given: string): string | null;
  /** Variables used that are not set here. */
  readonly unset: ReadonlySet<string>;
}

/** What Skaffold sets by itself. */
const own = /^(IMAGE|DIGEST|TAG|PUSH_IMAGE|BUILD_CONTEXT|SKAFFOLD)(_|$|\d)|^(IMAGE|DIGEST)/;

/** `known`: what names that Skaffold sets stand for. */
export function templates(
  env: Readonly<Record<string, string | undefined>>,
  known: ReadonlyMap<string, string> = new Map(),
): Templates {
  const unset = new Set<string>();
  const variable = (name: string, fallback: string | null): string | null => {
    const value = known.get(name);
    if (value !== undefined) return plain(value);
    if (own.test(name) || fallback?.includes('}')) return null;
    if (fallback !== null) return `\${${name}:-${fallback}}`;
    if (Object.hasOwn(env, name)) return `\${${name}}`;
    // Skaffold goes on without it as well.
    unset.add(name);
    return `\${${name}:-}`;
  };
  return {
    unset,
    text(given) {
      let whole = '';
      let from = 0;
      for (const found of given.matchAll(/\{\{-?\s*(.*?)\s*-?\}\}/gs)) {
        const [name, fallback] = actionOf(found[1] ?? '');
        const value = name === null ? null : variable(name, fallback);
        if (value === null) return null;
        whole += plain(given.slice(from, found.index)) + value;
        from = found.index + found[0].length;
      }
      const rest = given.slice(from);
      return rest.includes('{{') ? null : whole + plain(rest);
    },
  };
}

function actionOf(action: string): readonly [string | null, string | null] {
  const forms = [
    /^\.(?<name>[A-Za-z_]\w*)$/,
    /^default\s+"(?<fallback>[^"]*)"\s+\.(?<name>[A-Za-z_]\w*)$/,
    /^\.(?<name>[A-Za-z_]\w*)\s*\|\s*default\s+"(?<fallback>[^"]*)"$/,
    /^(?:env|getenv)\s+"(?<name>[A-Za-z_]\w*)"$/,
  ];
  const found = forms.map((form) => form.exec(action)?.groups).find((groups) => groups);
  return [found?.name ?? null, found?.fallback ?? null];
}
