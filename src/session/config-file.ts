// Which sluice.yaml: the one named, else the first found here or above.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { findConfig } from '../config/load.ts';
import { ProblemError } from '../model/problem.ts';

/** Absolute path. Rejects with a problem that says where to begin when there is none. */
export async function configFile(named: string | null, from = process.cwd()): Promise<string> {
  if (named !== null) {
    const path = resolve(from, named);
    if (existsSync(path)) return path;
    throw new ProblemError({
      kind: 'yours',
      code: 'S640',
      what: `no file ${path}`,
      hint: 'name the configuration with -f FILE',
    });
  }
  const found = await findConfig(from);
  if (found) return found;
  throw new ProblemError({
    kind: 'yours',
    code: 'S641',
    what: `no sluice.yaml in ${from} or above`,
    hint: '`sluice init` writes one from what is here; or name one with -f FILE',
  });
}
