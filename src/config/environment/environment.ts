// Variables: our own environment first, then `settings.env` files, as Compose reads them.
import { basename, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { limits } from '../../model/limits.ts';
import type { DiskPort } from '../../model/ports.ts';
import type { Problem } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import { readNamed } from '../load-context.ts';
import type { Reads } from '../reads.ts';
import type { Report } from '../report.ts';
import type { Source } from '../yaml/document.ts';
import { envFaults } from './env-lines.ts';
import { expandText, type Variables } from './expand.ts';

export interface Environment {
  readonly variables: Variables;
  /** What the files add to our own environment. */
  readonly added: Readonly<Record<string, string>>;
  /** What each file says. */
  readonly files: readonly (readonly [file: string, values: Readonly<Record<string, string>>])[];
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
  const read: [string, Record<string, string>][] = [];
  for (const [i, given] of files.entries()) {
    // Whatever else stands here is told by the schema.
    if (typeof given !== 'string') continue;
    const path = expandText(given, own, () => {});
    const file = { dir, given: path, called: `the env file ${path}` };
    const text = await readNamed(ports, file, { most: limits.configBytes, isText: true });
    if (typeof text === 'string') {
      read.push([basename(path), parseEnv(text) as Record<string, string>]);
      const real = resolve(dir, path);
      const told = envFaults(text).map(({ what, hint, line, column }) => ({
        what,
        hint,
        at: { file: real, line, column },
      }));
      ports.report.put(...told.map((each): Problem => ({ kind: 'yours', code: 'S115', ...each })));
    } else if (text.at) ports.report.put(text);
    else ports.report.add('S106', ['settings', 'env', i], text.what, text.hint);
  }
  const all = read.flatMap(([, values]) => Object.entries(values));
  const added = Object.fromEntries(all.filter(([name]) => lookup(own, name) === undefined));
  return { variables: { ...added, ...own }, added, files: read };
}
