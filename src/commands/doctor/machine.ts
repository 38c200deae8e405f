// Node, and the place of the session's socket.
import { existsSync } from 'node:fs';
import { problemCodes } from '../../model/problems/code-names.ts';
import { isProblemError } from '../../model/problems/problem.ts';
import { socketDirectory, socketPath } from '../../session/requests/socket-path.ts';
import { request } from '../asking/client.ts';
import { type Check, failed } from './check.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The oldest that is supported; package.json says the same. */
const [oldestMajor, oldestMinor] = [20, 19];

export async function machineChecks(file: string | null, env: Env): Promise<readonly Check[]> {
  return [nodeCheck(process.versions.node), ...(file === null ? [] : [await sessionCheck(file, env)])];
}

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  const what = `Node.js ${version}, ${process.platform} ${process.arch}`;
  if (isNew) return { name: 'node', status: 'ok', what };
  return { name: 'node', status: 'fail', what, hint: `install Node.js ${oldestMajor}.${oldestMinor} or newer` };
}

async function sessionCheck(file: string, env: Env): Promise<Check> {
  const path = socketPath(file, env);
  const name = 'session';
  try {
    if (!existsSync(path)) {
      socketDirectory(path);
      return { name, status: 'ok', what: 'none is running here' };
    }
    await request({ do: 'status' }, { file, env });
    return { name, status: 'ok', what: `one is running (socket ${path})` };
  } catch (error) {
    if (!isProblemError(error)) throw error;
    // A socket nobody listens on is replaced by the next session.
    if (error.problem.code === problemCodes.noSession)
      return { name, status: 'ok', what: 'none is running here; the last one crashed' };
    return failed(name, error.problem);
  }
}
