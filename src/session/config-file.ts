// Which sluice.yaml: the one named, else the first found here or above.
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { findConfig } from '../config/load.ts';
import { ProblemError } from '../model/problems/problem.ts';
import { socketPath } from './requests/socket-path.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** One project is one, however its directory is spelled. The file keeps its name: where it stands is what its paths are relative to. */
const settled = (path: string): string => join(realpathSync(dirname(path)), basename(path));

/** Absolute path. Rejects with a problem that says where to begin when there is none. */
export const configFile = (named: string | null): Promise<string> => found(named, () => false);

/** The same for who asks a session: that goes on where its configuration was moved away or deleted, and can be asked and ended. */
export const sessionFile = (named: string | null, env: Environment): Promise<string> =>
  found(named, (path) => existsSync(dirname(path)) && existsSync(socketPath(settled(path), env)));

async function found(named: string | null, isKnown: (path: string) => boolean): Promise<string> {
  const from = process.cwd();
  if (named !== null) {
    const path = resolve(from, named);
    if (existsSync(path) || isKnown(path)) return settled(path);
    throw new ProblemError({
      kind: 'yours',
      code: 'S640',
      what: `no file ${path}`,
      hint: 'name the configuration with -f FILE',
    });
  }
  const nearest = await findConfig(from, isKnown);
  if (nearest) return settled(nearest);
  throw new ProblemError({
    kind: 'yours',
    code: 'S641',
    what: `no sluice.yaml in ${from} or above`,
    hint: '`sluice init` writes one from what is here; or name one with -f FILE',
  });
}
