import net from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../../src/adapters/docker/index.ts';
import type { DockerPort } from '../../../../src/model/ports.ts';
import { docker } from '../../../support/capability.ts';
import { tempProject } from '../../../support/temp.ts';
import { base, buildOf, problemFrom, removeLayers, seen } from './context.ts';

const never = new AbortController().signal;

describe.skipIf(!docker)('a BuildKit session', () => {
  let port: DockerPort;
  const env: Record<string, string | undefined> = { ...process.env, SLUICE_TEST_TOKEN: 'from the env' };
  beforeAll(async () => {
    port = await connectDocker({ env, home: '/nowhere' });
  });
  afterAll(() => {
    removeLayers();
    port.close();
  });

  const run = (dockerfile: string, more: Parameters<typeof buildOf>[1]) =>
    seen(port.build(buildOf(dockerfile, { ...more, noCache: true }), never));

  it('gives secrets from files and variables to the steps that mount them', async () => {
    const dir = tempProject({ npmrc: 'from a file' });
    const dockerfile = `${base}\nRUN --mount=type=secret,id=npmrc --mount=type=secret,id=token cat /run/secrets/npmrc /run/secrets/token`;
    const { output, id } = await run(dockerfile, {
      secrets: [`id=npmrc,src=${join(dir, 'npmrc')}`, 'id=token,env=SLUICE_TEST_TOKEN'],
    });
    onTestFinished(() => port.removeImage(id));
    expect(output).toBe('from a filefrom the env');
  });

  it('says which secret a step wanted in vain', async () => {
    const problem = await problemFrom(
      run(`${base}\nRUN --mount=type=secret,id=other,required=true cat /run/secrets/other`, {
        secrets: ['id=token,env=SLUICE_TEST_TOKEN'],
      }),
    );
    expect(problem).toMatchObject({
      code: 'S214',
      what: expect.stringContaining('other'),
      hint: expect.stringContaining('secrets:'),
    });
  });

  it.each([
    ['src=/etc/hostname', 'it has no id'],
    ['id=a,src=/no/such/file', 'there is no file /no/such/file'],
    ['id=a,env=SLUICE_TEST_UNSET', 'SLUICE_TEST_UNSET is not set'],
    ['id=a,srk=b', 'no setting "srk"'],
  ])('refuses the secret %s before it builds', async (secret, what) => {
    expect(await problemFrom(run(base, { secrets: [secret] }))).toMatchObject({
      kind: 'yours',
      code: 'S214',
      what: expect.stringContaining(what),
    });
  });

  it('gives an agent socket to the steps that mount it', async () => {
    const socket = join(tempProject(), 'agent.sock');
    const agent = net.createServer();
    await new Promise<void>((resolve) => agent.listen(socket, resolve));
    onTestFinished(() => void agent.close());
    const { output, id } = await run(`${base}\nRUN --mount=type=ssh echo "$SSH_AUTH_SOCK"; ls -l "$SSH_AUTH_SOCK"`, {
      ssh: [`default=${socket}`],
    });
    onTestFinished(() => port.removeImage(id));
    expect(output).toMatch(/\/run\/buildkit\/ssh_agent\.0\ns/);
  });

  it('refuses ssh without an agent, and a key file in its place', async () => {
    const without = await connectDocker({ env: { ...process.env, SSH_AUTH_SOCK: undefined }, home: '/nowhere' });
    onTestFinished(() => without.close());
    expect(await problemFrom(seen(without.build(buildOf(base, { ssh: ['default'] }), never)))).toMatchObject({
      code: 'S214',
      what: expect.stringContaining('SSH_AUTH_SOCK is not set'),
    });
    const dir = tempProject({ id_rsa: 'KEY' });
    expect((await problemFrom(run(base, { ssh: [`default=${join(dir, 'id_rsa')}`] }))).hint).toContain('ssh-add');
  });

  it('outlives a step of more than five seconds: BuildKit asks for its health', async () => {
    const { output, id } = await run(
      `${base}\nRUN sleep 12; echo alive\nRUN --mount=type=secret,id=token cat /run/secrets/token`,
      { secrets: ['id=token,env=SLUICE_TEST_TOKEN'] },
    );
    onTestFinished(() => port.removeImage(id));
    expect(output).toBe('alive\nfrom the env');
  });
});
