import { chmodSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failureOf } from '../../../src/adapters/docker/connection/failure.ts';
import { connectDocker } from '../../../src/adapters/docker/index.ts';
import { docker, dockerHost } from '../../support/capability.ts';
import { tempProject } from '../../support/temp.ts';
import { base, buildOf, problemFrom, seen } from './builds/context.ts';
import { cuttableDaemon } from './cuttable-daemon.ts';
import { runningContainer } from './running-container.ts';

const endpoint = { context: 'default', host: 'unix:///x.sock', address: { by: 'socket', path: '/x.sock' } } as const;
const never = new AbortController().signal;

describe('connecting to Docker', () => {
  it('says where no daemon is, and how to start one', async () => {
    const path = join(tempProject(), 'docker.sock');
    const problem = await problemFrom(connectDocker({ env: { DOCKER_HOST: `unix://${path}` }, home: '/nowhere' }));
    expect(problem).toMatchObject({
      kind: 'unavailable',
      code: 'S200',
      what: expect.stringContaining(path),
      hint: expect.stringContaining('start Docker'),
    });
  });

  it('says that a tcp address refuses', async () => {
    const problem = await problemFrom(connectDocker({ env: { DOCKER_HOST: 'tcp://127.0.0.1:1' }, home: '/nowhere' }));
    expect(problem).toMatchObject({
      kind: 'unavailable',
      code: 'S200',
      what: expect.stringContaining('tcp://127.0.0.1:1'),
    });
  });

  it('gives a daemon up that never answers', async () => {
    const path = join(tempProject(), 'docker.sock');
    const open = new Set<net.Socket>();
    const silent = net.createServer((socket) => open.add(socket)).listen(path);
    onTestFinished(() => {
      for (const socket of open) socket.destroy();
      silent.close();
    });
    const problem = await problemFrom(connectDocker({ env: { DOCKER_HOST: `unix://${path}` }, home: '/nowhere' }));
    expect(problem).toMatchObject({ kind: 'unavailable', what: expect.stringContaining('no answer in 10 s') });
  });

  it('asks for the version once to connect and be told of, and anew from then on; for the machine once', async () => {
    const path = join(tempProject(), 'docker.sock');
    const asked: (string | undefined)[] = [];
    const answers = { Version: '29.0.0', ApiVersion: '1.52', Os: 'linux', Arch: 'amd64', Name: 'here' };
    const daemon = http.createServer(({ url }, response) => {
      asked.push(url);
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answers));
    });
    await new Promise<void>((resolve) => daemon.listen(path, resolve));
    onTestFinished(() => void daemon.close());
    const port = await connectDocker({ env: { DOCKER_HOST: `unix://${path}` }, home: '/nowhere' });
    onTestFinished(() => port.close());
    expect(await port.info()).toMatchObject({ version: '29.0.0', name: 'here', store: 'graphdriver' });
    expect(asked.toSorted()).toEqual(['/info', '/version']);
    await port.info();
    expect(asked.toSorted()).toEqual(['/info', '/version', '/version']);
  });

  it.skipIf(!docker)('notices within five seconds that the socket of a living daemon was removed', async () => {
    const daemon = await cuttableDaemon();
    const port = await connectDocker({ env: { DOCKER_HOST: daemon.DOCKER_HOST }, home: '/nowhere' });
    onTestFinished(() => port.close());
    const lost = problemFrom(lastValueFrom(port.lifeline()));
    // Asked and answered before the socket goes.
    await port.info();
    const since = performance.now();
    rmSync(new URL(daemon.DOCKER_HOST).pathname);
    const gone = { kind: 'unavailable', code: 'S200', what: expect.stringContaining('its socket is gone') };
    expect(await lost).toMatchObject(gone);
    expect(performance.now() - since).toBeLessThan(5_000);
  });

  it('tells a missing right from a missing daemon', () => {
    const error = failureOf(Object.assign(new Error('connect EACCES'), { code: 'EACCES' }), endpoint, 'x');
    expect(error).toMatchObject({
      problem: { kind: 'denied', code: 'S201', hint: expect.stringContaining('group docker') },
    });
  });

  it('recognises a full disk', () => {
    const error = failureOf(
      Object.assign(new Error('(HTTP code 500) server error - write /x: no space left on device'), { statusCode: 500 }),
      endpoint,
      'x',
    );
    expect(error).toMatchObject({ problem: { code: 'S206', hint: expect.stringContaining('docker system prune') } });
  });

  it.skipIf(!docker)(
    'is not led astray by a DOCKER_HOST of the process when it is given another environment',
    async () => {
      const before = process.env.DOCKER_HOST;
      process.env.DOCKER_HOST = 'tcp://127.0.0.1:1';
      onTestFinished(() => {
        if (before === undefined) delete process.env.DOCKER_HOST;
        else process.env.DOCKER_HOST = before;
      });
      const port = await connectDocker({ env: { DOCKER_HOST: dockerHost }, home: '/nowhere' });
      onTestFinished(() => port.close());
      expect(await port.info()).toMatchObject({ context: 'default', host: dockerHost, arch: expect.any(String) });
    },
  );

  it.skipIf(!docker)(
    'reads DOCKER_BUILDKIT and DOCKER_API_VERSION as the CLI does, and refuses what it refuses',
    async () => {
      const buildkitOf = async (env: Record<string, string>) => {
        const port = await connectDocker({ env: { DOCKER_HOST: dockerHost, ...env }, home: '/nowhere' });
        onTestFinished(() => port.close());
        return (await port.info()).buildkit;
      };
      for (const no of ['0', 'f', 'False', 'FALSE']) expect(await buildkitOf({ DOCKER_BUILDKIT: no })).toBe(false);
      for (const yes of ['', '1', 'true', 'T']) expect(await buildkitOf({ DOCKER_BUILDKIT: yes })).toBe(true);
      expect(await buildkitOf({ DOCKER_API_VERSION: '1.41' })).toBe(true);
      expect(await problemFrom(buildkitOf({ DOCKER_BUILDKIT: 'yes' }))).toMatchObject({ kind: 'yours', code: 'S202' });
      expect(await problemFrom(buildkitOf({ DOCKER_API_VERSION: 'x' }))).toMatchObject({ kind: 'yours', code: 'S202' });
      expect(await problemFrom(buildkitOf({ DOCKER_API_VERSION: '1.99' }))).toMatchObject({
        kind: 'yours',
        code: 'S202',
        what: expect.stringContaining('too new'),
      });
    },
  );

  it.skipIf(!docker)(
    'reaches ssh:// hosts by the ssh program: calls, builds with a session, exec with input',
    async () => {
      // The far end is this machine: an ssh that forgets the host and connects its pipes to the daemon, as dial-stdio does.
      const script = `#!${process.execPath}\nconst s = require('net').connect({path: '${new URL(dockerHost).pathname}', allowHalfOpen: true});\nif (!process.argv.join(' ').endsWith('-p 22 -- me@far.test docker system dial-stdio')) process.exit(9);\nprocess.stdin.pipe(s).pipe(process.stdout);\ns.on('close', () => process.exit(0));\n`;
      const dir = tempProject({ ssh: script });
      chmodSync(join(dir, 'ssh'), 0o755);
      const port = await connectDocker({ env: { DOCKER_HOST: 'ssh://me@far.test:22', PATH: dir }, home: '/nowhere' });
      onTestFinished(() => port.close());
      expect((await port.info()).host).toBe('ssh://me@far.test:22');
      const ref = 'sluice-test/over-ssh:1';
      await seen(port.build(buildOf(base, { tags: [ref] }), never));
      onTestFinished(() => port.removeImage(ref));
      const { id } = await runningContainer(ref, ['sleep', '600']);
      const { stdin, stdout, exit } = await port.exec(id, ['cat'], { stdin: true }, never);
      stdin.end('over ssh');
      expect(await text(stdout)).toBe('over ssh');
      expect(await exit).toEqual({ code: 0 });
    },
  );

  it('repeats what ssh said when it cannot reach the host', async () => {
    const dir = tempProject({ ssh: '#!/bin/sh\necho "no route to far.test" >&2\nexit 255\n' });
    chmodSync(join(dir, 'ssh'), 0o755);
    const problem = await problemFrom(
      connectDocker({ env: { DOCKER_HOST: 'ssh://far.test', PATH: `${dir}:/bin` }, home: '/nowhere' }),
    );
    expect(problem).toMatchObject({
      kind: 'unavailable',
      code: 'S200',
      what: expect.stringContaining('no route to far.test'),
    });
  });
});
