// `docker-credential-NAME get`: the registry on stdin, JSON on stdout. The answer is never logged.
import { spawn } from 'node:child_process';
import { limits } from '../../model/limits.ts';
import { ProblemError } from '../../model/problems/problem.ts';
import type { Env, RegistryAuth } from './config-file.ts';

import { plain } from './daemon-text.ts';

/** Null when the helper knows no login. Rejects with a problem naming the helper; killed after `limits.credentialHelperMs`. */
export async function askHelper(name: string, registry: string, env: Env): Promise<RegistryAuth | null> {
  const program = `docker-credential-${name}`;
  // A name with a slash would run a file of the project instead of a program on the PATH.
  if (!/^[\w.-]+$/.test(name)) throw failed('denied', `"${plain(name)}" is no name of a credential helper`);
  const { code, stdout, stderr } = await run(program, registry, env);
  if (code !== 0) {
    const said = plain(stdout || stderr);
    if (/credentials not found|no credentials|not found in native keychain/i.test(said)) return null;
    throw failed('denied', `${program} failed for ${registry}: ${said || `exit code ${code}`}`);
  }
  try {
    const { Username, Secret } = JSON.parse(stdout) as { Username?: string; Secret?: string };
    if (typeof Username === 'string' && typeof Secret === 'string')
      return Username === '<token>'
        ? { username: '', password: '', identitytoken: Secret, serveraddress: registry }
        : { username: Username, password: Secret, serveraddress: registry };
  } catch {
    // said below, without the answer: it may hold the password
  }
  throw failed('denied', `${program} gave an answer for ${registry} that cannot be read`);
}

interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, registry: string, env: Env): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that what the helper started dies with it.
    const child = spawn(program, ['get'], {
      env: env as NodeJS.ProcessEnv,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const kill = () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // gone by itself
      }
    };
    const timer = setTimeout(() => {
      kill();
      reject(failed('timeout', `${program} gave no answer for ${registry} in ${limits.credentialHelperMs / 1000} s`));
    }, limits.credentialHelperMs);
    const out = { stdout: '', stderr: '' };
    const take = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
      out[stream] += chunk;
      if (out[stream].length > limits.credentialHelperBytes) kill();
    };
    child.stdout.on('data', take('stdout'));
    child.stderr.on('data', take('stderr'));
    child.stdin.on('error', () => {});
    child.stdin.end(registry);
    child.on('error', (error) => {
      clearTimeout(timer);
      const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not on the PATH' : error.message;
      reject(failed('denied', `${program} ${why} (named in docker's config.json)`));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...out });
    });
  });
}

const failed = (kind: 'denied' | 'timeout', what: string): ProblemError =>
  new ProblemError({
    kind,
    code: 'S223',
    what,
    hint: "mend the helper, or take it out of docker's config.json and run docker login",
  });
