// Keys that the schema does not know where they stand, and where they, or what they mean, belong.

import { lookup } from '../../model/text/lookup.ts';
import { hintFor, nearest } from '../../model/text/nearest.ts';
import type { Path } from '../yaml/document.ts';
import { configSchema, type JsonSchema } from './json-schema.ts';

let whole: JsonSchema | null = null;

/** Keys the schema knows at a path. */
export function keysAt(path: Path): string[] {
  whole ??= configSchema();
  let forms: readonly JsonSchema[] = [whole];
  for (const key of path)
    forms = forms.flatMap(spread).flatMap((form) => {
      const next = typeof key === 'number' ? form.items : (lookup(form.properties, key) ?? form.additionalProperties);
      return typeof next === 'object' ? [next] : [];
    });
  return [...new Set(forms.flatMap(spread).flatMap((form) => Object.keys(form.properties ?? {})))];
}

const spread = (form: JsonSchema): readonly JsonSchema[] => (form.anyOf ? form.anyOf.flatMap(spread) : [form]);

/** What was meant by a key that is unknown at `path`: a word of another tool, a key of another place, the nearest of this one. */
export function keyHint(key: string, path: Path): string {
  const here = keysAt(path);
  const near = nearest(key, here);
  const glued = /^([\w.-]+):(\S.*)$/.exec(key);
  if (glued && here.includes(glued[1]!)) return `a space is missing after the colon: ${glued[1]}: ${glued[2]}`;
  const meant = lookup(otherTools, key);
  if (meant !== undefined && here.includes(meant)) return `did you mean ${meant}?`;
  if (/^env_?files?$/i.test(key)) return 'files of variables are named in settings.env';
  if (key === 'services' && path.length === 0)
    return 'is it a Compose file? It needs no sluice.yaml; or name it here: compose: [compose.yaml]';
  const homes = homesOf(meant ?? key, path);
  if (homes.length > 0 && (near === null || meant === undefined))
    return `${meant ?? key} belongs under ${homes.join(' or ')}`;
  return near === null ? hintFor(key, here) : `did you mean ${near}?`;
}

/** Words for the same in Compose, Skaffold, Tilt and Make. */
const otherTools: Readonly<Record<string, string>> = {
  depends_on: 'needs',
  dependsOn: 'needs',
  requires: 'needs',
  after: 'needs',
  environment: 'env',
  build: 'context',
  file: 'dockerfile',
  buildArgs: 'args',
  build_args: 'args',
  script: 'cmd',
  run: 'cmd',
  command: 'cmd',
  serve_cmd: 'serve',
  watch: 'deps',
  dependencies: 'deps',
  files: 'deps',
  inputs: 'deps',
  cwd: 'dir',
  workdir: 'dir',
  working_dir: 'dir',
  port: 'ports',
  portForward: 'ports',
  port_forwards: 'ports',
  healthcheck: 'ready',
  readiness: 'ready',
  readiness_probe: 'ready',
  probe: 'ready',
  interval: 'every',
  retries: 'failures',
  live_update: 'live',
  sync: 'live',
  k8s: 'kubernetes',
  yaml: 'manifests',
  k8s_yaml: 'manifests',
};

/** Other places that know a key, near to where it stands first: under the same name, where both go by names. */
function homesOf(key: string, path: Path): string[] {
  const name = path.length === 2 ? String(path[1]) : 'NAME';
  const places: readonly Path[] = [
    [],
    ['kubernetes'],
    ['settings'],
    ['images', name],
    ['local', name],
    ['resources', name],
  ];
  return places
    .filter((place) => place.length > 0 || path.length > 0)
    .filter((place) => place.join('.') !== path.join('.') && keysAt(place).includes(key))
    .map((place) => (place.length === 0 ? 'the top of the file' : place.join('.')));
}
