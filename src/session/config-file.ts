// Which sluice.yaml: the one named, else the first found here or above.
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { findConfig } from '../config/load.ts';
import { ProblemError } from '../model/problems/problem.ts';

/** One project is one, however its directory is spelled. The file keeps its name: where it stands is what its paths are relative to. */
const settled = (path: string): string => join(realpathSync(dirname(path)), basename(path));

/** Absolute path. Rejects with a problem that says where to begin when there is none. */
export async function configFile(named: string | null, from = process.cwd()): Promise<string> {
  if (named !== null) {
    const path = resolve(from, named);
    if (existsSync(path)) return settled(path);
    throw new ProblemError({
      kind: 'yours',
      code: 'S640',
      what: `no file ${path}`,
      hint: 'name the configuration with -f FILE',
    });
  }
  const found = await findConfig(from);
  if (found) return settled(found);
  throw new ProblemError({
    kind: 'yours',
    code: 'S641',
    what: `no sluice.yaml in ${from} or above`,
    hint: '`sluice init` writes one from what is here; or name one with -f FILE',
  });
}
