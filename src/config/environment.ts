// Variables: our own environment first, then `settings.env` files, as Compose reads them.
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { limits } from '../model/limits.ts';
import { lookup } from '../model/lookup.ts';
import type { DiskPort } from '../model/ports.ts';
import type { Source } from './document.ts';
import { expandText, type Variables } from './expand.ts';
import { readOr } from './loading.ts';
import type { Reads } from './reads.ts';
import type { Report } from './report.ts';

export interface Environment {
  readonly variables: Variables;
  /** What the files add to our own environment. */
  readonly added: Readonly<Record<string, string>>;
}

/** Later files win over earlier ones; a missing one is a problem. */
export async function environment(
  source: Source,
  dir: string,
  own: Variables,
  ports: { disk: DiskPort; reads: Reads; report: Report },
): Promise<Environment> {
  const settings = (source.value as { settings?: { env?: unknown } } | null | undefined)?.settings;
  const files = Array.isArray(settings?.env) ? settings.env : [];
  const read: Record<string, string> = {};
  for (const [i, given] of files.entries()) {
    // Whatever else stands here is told by the schema.
    if (typeof given !== 'string') continue;
    const path = expandText(given, own, () => {});
    const text = await readOr(ports, resolve(dir, path));
    if (text === null || text.length > limits.configBytes)
      ports.report.add(
        'S106',
        ['settings', 'env', i],
        `the env file ${path} cannot be read`,
        'create it, or take it out of settings.env',
      );
    else Object.assign(read, parseEnv(text));
  }
  const added = Object.fromEntries(Object.entries(read).filter(([name]) => lookup(own, name) === undefined));
  return { variables: { ...added, ...own }, added };
}
