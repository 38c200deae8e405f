import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveEndpoint } from '../../../src/adapters/docker/connection/endpoint.ts';
import { tempProject } from '../../support/temp.ts';
import { problemFrom } from './builds/context.ts';

const metaOf = (name: string) => `contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`;
const tlsOf = (name: string, file: string) =>
  `contexts/tls/${createHash('sha256').update(name).digest('hex')}/docker/${file}`;
const context = (name: string, docker: object) => ({
  [metaOf(name)]: JSON.stringify({ Name: name, Endpoints: { docker } }),
});

describe('docker endpoint', () => {
  it.each([
    ['tcp://10.0.0.7', '10.0.0.7', 2375],
    ['tcp://10.0.0.7:80', '10.0.0.7', 80],
    ['10.0.0.7:4000', '10.0.0.7', 4000],
    ['tcp://[::1]:2400', '[::1]', 2400],
    ['http://docker.test:2375/sub', 'docker.test', 2375],
    ['https://docker.test', 'docker.test', 2376],
  ])('reads DOCKER_HOST=%s', async (DOCKER_HOST, host, port) => {
    const { address } = await resolveEndpoint({ DOCKER_HOST }, tempProject());
    expect(address).toMatchObject({ by: 'tcp', host, port });
  });

  it('reads unix sockets, and takes the default one for unix:// alone', async () => {
    const home = tempProject();
    expect((await resolveEndpoint({ DOCKER_HOST: 'unix:///run/d.sock' }, home)).address).toEqual({
      by: 'socket',
      path: '/run/d.sock',
    });
    expect((await resolveEndpoint({ DOCKER_HOST: 'unix://' }, home)).address).toEqual({
      by: 'socket',
      path: '/var/run/docker.sock',
    });
  });

  it('uses port 2376 and the certificates with DOCKER_TLS_VERIFY', async () => {
    const dir = tempProject({ 'ca.pem': 'CA', 'cert.pem': 'CERT', 'key.pem': 'KEY' });
    const env = { DOCKER_HOST: 'tcp://10.0.0.7', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: dir };
    const { address } = await resolveEndpoint(env, tempProject());
    expect(address).toMatchObject({
      port: 2376,
      tls: { ca: Buffer.from('CA'), cert: Buffer.from('CERT'), key: Buffer.from('KEY'), verify: true },
    });
  });

  it('heeds DOCKER_CERT_PATH only together with DOCKER_TLS_VERIFY, as the CLI does', async () => {
    const { address } = await resolveEndpoint({ DOCKER_HOST: 'tcp://h', DOCKER_CERT_PATH: '/nowhere' }, tempProject());
    expect(address).toMatchObject({ tls: null });
  });

  it.each(['DOCKER_TLS_VERIFY', 'DOCKER_TLS'])(
    '%s without a host means a daemon behind TLS on this machine, never the socket',
    async (name) => {
      const dir = tempProject({ 'ca.pem': 'CA' });
      const verify = name === 'DOCKER_TLS_VERIFY';
      for (const more of [{}, { DOCKER_CONTEXT: 'default' }]) {
        const env = { [name]: '0', DOCKER_CERT_PATH: dir, ...more };
        expect((await resolveEndpoint(env, tempProject())).address).toEqual({
          by: 'tcp',
          host: 'localhost',
          port: 2376,
          path: '',
          tls: { ca: Buffer.from('CA'), cert: undefined, key: undefined, verify },
        });
      }
    },
  );

  it.each([
    {},
    { DOCKER_HOST: 'tcp://h' },
    { DOCKER_HOST: 'unix:///var/run/docker.sock' },
    { DOCKER_CONTEXT: 'default' },
  ])('refuses TLS without its ca.pem as the CLI does: %j', async (more) => {
    const dir = tempProject({ 'cert.pem': 'CERT', 'key.pem': 'KEY' });
    for (const name of ['DOCKER_TLS_VERIFY', 'DOCKER_TLS']) {
      const problem = await problemFrom(
        resolveEndpoint({ [name]: '1', DOCKER_CERT_PATH: dir, ...more }, tempProject()),
      );
      expect(problem).toMatchObject({ kind: 'yours', code: 'S202', what: expect.stringContaining(`${dir}/ca.pem`) });
      expect(problem.what).toContain(name);
    }
  });

  it('leaves the variables of TLS out of a named context', async () => {
    const DOCKER_CONFIG = tempProject({
      'config.json': '{"currentContext":"far"}',
      ...context('far', { Host: 'tcp://far' }),
    });
    const env = { DOCKER_CONFIG, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' };
    expect(await resolveEndpoint(env, tempProject())).toMatchObject({ host: 'tcp://far', address: { tls: null } });
  });

  it('says which directory lacks the certificates', async () => {
    const dir = tempProject();
    const env = { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: dir };
    expect((await problemFrom(resolveEndpoint(env, dir))).what).toContain(dir);
  });

  it('lets DOCKER_HOST win over DOCKER_CONTEXT, and that over currentContext', async () => {
    const home = tempProject();
    const DOCKER_CONFIG = tempProject({
      'config.json': '{"currentContext":"two"}',
      ...context('one', { Host: 'tcp://one:1' }),
      ...context('two', { Host: 'tcp://two:2' }),
    });
    const all = { DOCKER_CONFIG, DOCKER_HOST: 'tcp://three:3', DOCKER_CONTEXT: 'one' };
    expect(await resolveEndpoint(all, home)).toMatchObject({ context: 'default', host: 'tcp://three:3' });
    expect(await resolveEndpoint({ ...all, DOCKER_HOST: '' }, home)).toMatchObject({
      context: 'one',
      host: 'tcp://one:1',
    });
    expect(await resolveEndpoint({ DOCKER_CONFIG }, home)).toMatchObject({ context: 'two', host: 'tcp://two:2' });
  });

  it('takes the certificates of a context and its wish not to verify', async () => {
    const DOCKER_CONFIG = tempProject({
      ...context('far', { Host: 'tcp://far', SkipTLSVerify: true }),
      [tlsOf('far', 'ca.pem')]: 'CA',
    });
    const { address } = await resolveEndpoint({ DOCKER_CONFIG, DOCKER_CONTEXT: 'far' }, DOCKER_CONFIG);
    expect(address).toMatchObject({ port: 2376, tls: { ca: Buffer.from('CA'), verify: false } });
  });

  it('names the missing context and where it was chosen', async () => {
    const DOCKER_CONFIG = tempProject({ 'config.json': '{"currentContext":"lost"}' });
    const problem = await problemFrom(resolveEndpoint({ DOCKER_CONFIG }, DOCKER_CONFIG));
    expect(problem).toMatchObject({ kind: 'yours', code: 'S202' });
    expect(problem.what).toContain('"lost"');
    expect(problem.what).toContain(join(DOCKER_CONFIG, 'config.json'));
  });

  it('says that config.json is broken without quoting it', async () => {
    const DOCKER_CONFIG = tempProject({ 'config.json': '{"auths": {"r": {"auth": hunter2' });
    const problem = await problemFrom(resolveEndpoint({ DOCKER_CONFIG }, DOCKER_CONFIG));
    expect(problem).toMatchObject({ kind: 'yours', code: 'S202' });
    expect(problem.what).not.toContain('hunter2');
  });

  it('takes ssh addresses apart and refuses one that ssh would read as an option', async () => {
    const home = tempProject();
    expect((await resolveEndpoint({ DOCKER_HOST: 'ssh://me@build.test:2222' }, home)).address).toEqual({
      by: 'ssh',
      destination: 'me@build.test',
      port: '2222',
    });
    expect((await problemFrom(resolveEndpoint({ DOCKER_HOST: 'ssh://-oProxyCommand=touch' }, home))).code).toBe('S202');
  });

  it.each(['fd://', 'tcp://', 'ftp://h'])('refuses %s', async (DOCKER_HOST) => {
    const problem = await problemFrom(resolveEndpoint({ DOCKER_HOST }, tempProject()));
    expect(problem.what).toContain('DOCKER_HOST');
  });
});
