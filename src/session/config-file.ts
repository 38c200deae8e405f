// Which sluice.yaml: the one named, else the first found here or above.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { findConfig } from '../config/load.ts';
import { ProblemError } from '../model/problem.ts';

const composeNames = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

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
  const compose = composeNames.find((name) => existsSync(join(from, name)));
  throw new ProblemError({
    kind: 'yours',
    code: 'S641',
    what: compose
      ? `no sluice.yaml in ${from} or above, and a Compose file alone (${compose}) is not supported yet`
      : `no sluice.yaml in ${from} or above`,
    hint: `write one, for example: local: {web: {serve: npm start, deps: [src/]}}${dirname(from) === from ? '' : ', or name it with -f FILE'}`,
  });
}
