import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { credentialsFrom } from '../../../src/adapters/registry/credentials.ts';
import { tempProject } from '../../support/temp.ts';

const basic = (user: string, password: string) => Buffer.from(`${user}:${password}`).toString('base64');

/** A directory with config.json and real helper programs, and the environment that finds them. */
function setUp(config: object, helpers: Record<string, string> = {}) {
  const scripts = Object.entries(helpers).map(([name, body]) => [`docker-credential-${name}`, `#!/bin/sh\n${body}\n`]);
  const dir = tempProject({ 'config.json': JSON.stringify(config), ...Object.fromEntries(scripts) });
  for (const [name] of scripts) chmodSync(join(dir, name!), 0o755);
  return { dir, env: { DOCKER_CONFIG: dir, PATH: `${dir}:${process.env.PATH}` } };
}

describe('registry credentials', () => {
  it('come from auths, also where an old login wrote a URL', async () => {
    const { dir, env } = setUp({
      auths: { 'https://old.test/v1/': { auth: basic('a', 'b:c') }, 'new.test:5000': { auth: basic('d', 'e') } },
    });
    const credentials = credentialsFrom(env, dir);
    expect(await credentials.of('old.test')).toMatchObject({ username: 'a', password: 'b:c' });
    expect(await credentials.of('new.test:5000')).toEqual({
      username: 'd',
      password: 'e',
      serveraddress: 'new.test:5000',
    });
    expect(await credentials.of('new.test')).toBeNull();
  });

  it('are looked up for Docker Hub by its old key', async () => {
    const { dir, env } = setUp({ auths: { 'https://index.docker.io/v1/': { auth: basic('hub', 'x') } } });
    expect(await credentialsFrom(env, dir).of('docker.io')).toMatchObject({
      username: 'hub',
      serveraddress: 'https://index.docker.io/v1/',
    });
  });

  it('prefer DOCKER_AUTH_CONFIG', async () => {
    const { dir, env } = setUp({ auths: { 'r.test': { auth: basic('file', 'x') } } });
    const DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { 'r.test': { auth: basic('env', 'x') } } });
    expect(await credentialsFrom({ ...env, DOCKER_AUTH_CONFIG }, dir).of('r.test')).toMatchObject({ username: 'env' });
  });

  it('ask the helper of the host, else the store, and no helper of another host', async () => {
    const { dir, env } = setUp(
      { credHelpers: { 'a.test': 'one' }, credsStore: 'two' },
      {
        one: `cat > "$0.asked"; echo '{"Username":"u1","Secret":"s1"}'`,
        two: `cat > "$0.asked"; echo '{"Username":"<token>","Secret":"t2"}'`,
      },
    );
    const credentials = credentialsFrom(env, dir);
    expect(await credentials.of('a.test')).toEqual({ username: 'u1', password: 's1', serveraddress: 'a.test' });
    expect(readFileSync(join(dir, 'docker-credential-one.asked'), 'utf8')).toBe('a.test');
    expect(existsSync(join(dir, 'docker-credential-two.asked'))).toBe(false);
    expect(await credentials.of('b.test')).toEqual({
      username: '',
      password: '',
      identitytoken: 't2',
      serveraddress: 'b.test',
    });
  });

  it('are none, and no problem, when the helper knows no login', async () => {
    const { dir, env } = setUp({ credsStore: 'x' }, { x: 'echo "credentials not found in native keychain"; exit 1' });
    const credentials = credentialsFrom(env, dir);
    expect(await credentials.of('a.test')).toBeNull();
    expect(credentials.problem('a.test')).toBeNull();
  });

  it('are none with a problem that names a helper which failed, is missing, or has a path for a name', async () => {
    const { dir, env } = setUp(
      { credHelpers: { 'a.test': 'bad', 'b.test': 'missing', 'c.test': '../evil' } },
      { bad: 'echo broken >&2; exit 3' },
    );
    const credentials = credentialsFrom(env, dir);
    for (const host of ['a.test', 'b.test', 'c.test']) expect(await credentials.of(host)).toBeNull();
    expect(credentials.problem('a.test')).toMatchObject({
      code: 'S223',
      what: 'docker-credential-bad failed for a.test: broken',
    });
    expect(credentials.problem('b.test')?.what).toContain('docker-credential-missing is not on the PATH');
    expect(credentials.problem('c.test')?.what).toContain('no name of a credential helper');
  });

  it('do not repeat a secret of an answer that cannot be read', async () => {
    const { dir, env } = setUp({ credsStore: 'x' }, { x: `echo '{"Username": "u", "Secret": "hunter2"'` });
    const credentials = credentialsFrom(env, dir);
    await credentials.of('a.test');
    expect(JSON.stringify(credentials.problem('a.test'))).not.toContain('hunter2');
  });

  it('give a hanging helper up, and kill it with what it started', async () => {
    const { dir, env } = setUp({ credsStore: 'slow' }, { slow: 'sleep 600 & echo $! > "$0.pid"; wait' });
    const credentials = credentialsFrom(env, dir);
    expect(await credentials.of('a.test')).toBeNull();
    expect(credentials.problem('a.test')).toMatchObject({ kind: 'timeout', code: 'S223' });
    const pid = Number(readFileSync(join(dir, 'docker-credential-slow.pid'), 'utf8'));
    await expect.poll(() => stateOf(pid)).toMatch(/gone|Z/);
  });
});

/** A killed process may wait for its parent to collect it: `Z`. */
function stateOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.slice(0, 1);
  } catch {
    return 'gone';
  }
}
