// Which files a project is made of, and what it is called: as `docker compose` finds both.
import { basename, delimiter, dirname, join } from 'node:path';
import type { DiskPort } from '../../../model/ports.ts';
import { lookup } from '../../../model/text/lookup.ts';
import type { Variables } from '../../environment/expand.ts';
import { pathFrom } from '../forms/quantities.ts';

/** In the order in which Compose looks for them. */
export const composeNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrideNames = [
  'compose.override.yaml',
  'compose.override.yml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

/** Those that were named, those of COMPOSE_FILE, or the first of the usual names with its override; empty for none. */
export async function filesOf(
  dir: string,
  given: readonly string[],
  variables: Variables,
  disk: DiskPort,
): Promise<readonly string[]> {
  const named = given.length > 0 ? given : listed(variables);
  if (named.length > 0) return named.map((path) => pathFrom(dir, path));
  const first = await firstThere(dir, composeNames, disk);
  if (first === null) return [];
  const over = await firstThere(dir, overrideNames, disk);
  return over === null ? [first] : [first, over];
}

function listed(variables: Variables): readonly string[] {
  const text = lookup(variables, 'COMPOSE_FILE') ?? '';
  return text.split(lookup(variables, 'COMPOSE_PATH_SEPARATOR') || delimiter).filter((path) => path !== '');
}

async function firstThere(dir: string, names: readonly string[], disk: DiskPort): Promise<string | null> {
  for (const name of names) if (await disk.exists(join(dir, name))) return join(dir, name);
  return null;
}

/** Where an override would be, beside the first of the usual names: watched, as it may appear. */
export const overridesBeside = (file: string): readonly string[] =>
  composeNames.includes(basename(file)) ? overrideNames.map((name) => join(dirname(file), name)) : [];

/** What Compose makes of a name: small letters, digits, - and _, beginning with a letter or digit. */
export const normalName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');

/** Those that were named, or else those of COMPOSE_PROFILES: where nothing is said, the profile that is called by nothing. */
export function profilesOf(given: readonly string[], variables: Variables): ReadonlySet<string> {
  const named = given.length > 0 ? given : (lookup(variables, 'COMPOSE_PROFILES') ?? '').split(',');
  return new Set(named.map((name) => name.trim()));
}
