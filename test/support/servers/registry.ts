// A registry of the test's own, a process that may be killed; gone with the test, with all it holds.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { eventually, freePort } from '../facts.ts';
import { tempProject } from '../temp.ts';

/** The registry that the test cluster is made of is there where the cluster is on this machine. */
export const hasRegistry: boolean = (() => {
  try {
    execFileSync('docker-registry', ['--help'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

export interface OwnRegistry {
  readonly port: number;
  /** Forgets this blob, whoever names it. */
  lose(digest: string): void;
  /** Serves the same port with what was stored before; resolves once it answers. */
  start(how?: { readonly isReadOnly?: boolean }): Promise<void>;
  /** By SIGKILL. */
  kill(): Promise<void>;
  /** Is a layer half received? */
  isReceiving(): boolean;
}

/** Whom a guarded one lets in, and what it knows of the password (bcrypt). */
export const registryLogin = { user: 'anna', password: 'very secret' };
const known = 'anna:$2b$05$abcdefghijklmnopqrstuu4mbRbpKmvm6292tduza7az6rb5HsuOS\n';

/** Inside a test only. `isGuarded`: without the login nothing is told nor taken. */
export async function ownRegistry({ isGuarded = false } = {}): Promise<OwnRegistry> {
  const port = await freePort();
  const config = (isReadOnly: boolean) => `version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: data}, maintenance: {readonly: {enabled: ${isReadOnly}}}}
http: {addr: "127.0.0.1:${port}"}
${isGuarded ? 'auth: {htpasswd: {realm: test, path: logins}}' : ''}
`;
  const dir = tempProject(isGuarded ? { logins: known } : {});
  mkdirSync(join(dir, 'data'));
  let child: ChildProcess | null = null;
  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  onTestFinished(kill);
  return {
    port,
    lose: (digest) => {
      const [, hex = ''] = digest.split(':');
      rmSync(join(dir, 'data/docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex), { recursive: true });
    },
    async start({ isReadOnly = false } = {}) {
      writeFileSync(join(dir, 'config.yml'), config(isReadOnly));
      child = spawn('docker-registry', ['serve', 'config.yml'], { cwd: dir, stdio: 'ignore' });
      await eventually(
        async () => ((await fetch(`http://127.0.0.1:${port}/v2/`)).status < 500 ? true : null),
        'the registry answers',
      );
    },
    kill,
    isReceiving: () => {
      const repositories = join(dir, 'data/docker/registry/v2/repositories');
      if (!existsSync(repositories)) return false;
      const names = readdirSync(repositories, { recursive: true, encoding: 'utf8' });
      return names.some((name) => /_uploads\/[^/]+\/data$/.test(name));
    },
  };
}
