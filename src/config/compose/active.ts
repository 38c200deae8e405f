// Services of active profiles, with the variables and labels of the files that they name.
import type { Problem } from '../../model/problems/problem.ts';
import type { Variables } from '../environment/expand.ts';
import { envFile } from './files/env-files.ts';
import { finished } from './finish.ts';
import { isMap, type Values } from './forms/forms.ts';
import type { Piece, Reading } from './layer.ts';
import { merged } from './merge.ts';
import type { Model } from './model.ts';
import type { Places } from './places.ts';

interface Choosing {
  readonly profiles: ReadonlySet<string>;
  readonly variables: Variables;
  readonly at: Places;
  readonly reading: Reading;
}

export async function activeServices(model: Model, choosing: Choosing): Promise<Record<string, Values>> {
  const made: Record<string, Values> = {};
  for (const [name, piece] of model.services)
    if (isActive(piece, choosing.profiles)) made[name] = await serviceOf(name, piece, choosing);
  return made;
}

/** With the profiles of services that are named and that none of these has, as with `docker compose run NAME`. */
export function withThoseOf(
  names: readonly string[],
  model: Model,
  profiles: ReadonlySet<string>,
): ReadonlySet<string> {
  const named = names.flatMap((name) => {
    const piece = model.services.get(name);
    const own = piece && !isActive(piece, profiles) ? piece.value.profiles : [];
    return Array.isArray(own) ? own.map(String) : [];
  });
  return new Set([...profiles, ...named]);
}

function isActive({ value }: Piece, profiles: ReadonlySet<string>): boolean {
  const own = Array.isArray(value.profiles) ? value.profiles : [];
  return own.length === 0 || profiles.has('*') || own.some((profile) => profiles.has(String(profile)));
}

async function serviceOf(name: string, { value }: Piece, choosing: Choosing): Promise<Values> {
  const { at, reading } = choosing;
  const { scale, deploy } = value;
  if (isMap(deploy) && scale !== undefined && deploy.replicas !== undefined && scale !== deploy.replicas) {
    const what = `scale and deploy.replicas of service ${name} differ`;
    const hint = 'write one of them, or the same in both';
    reading.problems.push({ kind: 'yours', code: 'S103', what, hint, at: at(['services', name, 'scale']) });
  }
  const { env_file: files, ...service } = finished(value);
  const { label_file: labelFiles, environment: own, labels } = service;
  // The project's variables first, then what the service says itself.
  const variables = { ...(withValues(own) as Variables), ...choosing.variables };
  const environment = await valuesOf(name, 'env_file', files, { ...choosing, variables });
  const hasVariables = Object.keys(merged(environment, own) as Values).length > 0;
  if (hasVariables) service.environment = { ...environment, ...((own as Values | undefined) ?? {}) };
  if (Array.isArray(labelFiles)) {
    // A file of labels knows no variables but its own.
    const found = await valuesOf(name, 'label_file', labelFiles, { ...choosing, variables: {} });
    service.labels = { ...found, ...((labels as Values | undefined) ?? {}) };
  }
  return service;
}

const withValues = (environment: unknown): Values =>
  Object.fromEntries(Object.entries(environment ?? {}).filter(([, value]) => value !== null));

/** What the files say, the later ones after the earlier ones. */
async function valuesOf(
  name: string,
  key: 'env_file' | 'label_file',
  files: unknown,
  { variables, at, reading }: Choosing,
): Promise<Values> {
  let all: Values = {};
  for (const [i, each] of (Array.isArray(files) ? files : []).entries()) {
    const told = { at: at(['services', name, key, i]) };
    const { path, required, format }: Values = isMap(each) ? each : { path: each };
    const given = String(path);
    const file = { dir: '/', given, isRequired: required !== false, isRaw: format === 'raw', told };
    const earlier = key === 'env_file' ? (all as Variables) : {};
    all = { ...all, ...(await envFile({ ...file, earlier }, variables, reading)) };
    const isKnown = format === undefined || format === '' || format === 'raw';
    if (!isKnown && reading.envFiles.includes(given)) reading.problems.push(unknownFormat(String(format), told));
  }
  return all;
}

const unknownFormat = (format: string, told: Pick<Problem, 'at'>): Problem => ({
  kind: 'yours',
  code: 'S103',
  what: `env files have no format ${format.slice(0, 40)}`,
  hint: 'write raw, or no format',
  ...told,
});
