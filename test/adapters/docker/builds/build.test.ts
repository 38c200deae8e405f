import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { tap } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../../src/adapters/docker/index.ts';
import { createDisk } from '../../../../src/adapters/fs/disk.ts';
import type { DockerPort } from '../../../../src/model/ports.ts';
import { docker } from '../../../support/capability.ts';
import { processesWith } from '../../../support/facts.ts';
import { gitServed } from '../../../support/servers/git-server.ts';
import { tempProject } from '../../../support/temp.ts';
import { asRepository, base, buildOf, contextOf, problemFrom, removeLayers, seen, served } from './context.ts';

const run = promisify(execFile);
const disk = createDisk();
const never = new AbortController().signal;

describe.skipIf(!docker).each([
  ['BuildKit', '1'],
  ['the classic builder', '0'],
])('a build by %s', (name, DOCKER_BUILDKIT) => {
  let port: DockerPort;
  const ref = `sluice-test/build-${DOCKER_BUILDKIT}`;
  beforeAll(async () => {
    port = await connectDocker({ env: { ...process.env, DOCKER_BUILDKIT }, home: '/nowhere' });
  });
  afterAll(() => {
    removeLayers();
    port.close();
  });

  /** Builds and removes the image after the test. */
  async function built(build: Parameters<typeof buildOf>[1], dockerfile: string) {
    const result = await seen(port.build(buildOf(dockerfile, build), never));
    onTestFinished(() => port.removeImage(build?.tags?.[0] ?? result.id));
    return result;
  }

  it('tells a build its hosts and its network', async () => {
    const options = {
      extraHosts: { 'db.example': '10.1.2.3' },
      network: 'none' as const,
    };
    const dockerfile = `${base}\nENV PATH=/bin\nRUN cat /etc/hosts; cat /proc/net/dev`;
    const { output } = await seen(port.build(buildOf(dockerfile, { options, noCache: true }), never));
    expect(output).toMatch(/10\.1\.2\.3\s+db\.example/);
    expect(output).not.toContain('eth0');
  });

  it('is given directories beside the context and what stands at a URL, or says that it cannot be', async () => {
    const { archive, close } = await served({ here: 'far away' });
    onTestFinished(close);
    const directories = { lib: contextOf({ here: 'beside ' }) };
    const text = `${base.replace('COPY bin', 'COPY --from=lib bin')}\nCOPY --from=lib here /a\nCOPY here /b\nRUN cat /a /b`;
    const asked = { directories, remote: { url: archive, isOurs: true }, args: { A: '1' }, noCache: true };
    if (DOCKER_BUILDKIT === '0') {
      const problem = await problemFrom(seen(port.build(buildOf(text, asked), never)));
      expect(problem).toMatchObject({
        code: 'S265',
        kind: 'yours',
        what: expect.stringContaining('named contexts, a context that is a URL'),
      });
      return;
    }
    if (Number.parseInt((await port.info()).version, 10) < 23) {
      const problem = await problemFrom(seen(port.build(buildOf(text, asked), never)));
      expect(problem).toMatchObject({ code: 'S265', kind: 'yours', hint: expect.stringContaining('# syntax=') });
      const { directories: _, ...alone } = asked;
      const far = `FROM scratch\nCOPY here /b\n`;
      expect((await built({ ...alone, tags: [`${ref}:far`] }, far)).id).toMatch(/^sha256:/);
      return;
    }
    const { output, id, events } = await built({ ...asked, tags: [`${ref}:far`] }, text);
    expect(output).toBe('beside far away');
    expect(await port.image(`${ref}:far`)).toMatchObject({ id });
    expect(
      events.some((event) => event.is === 'step' && event.state === 'done' && event.name.includes('RUN cat')),
    ).toBe(true);
    const failed = await problemFrom(seen(port.build(buildOf(`${text}\nRUN exit 7`, asked), never)));
    expect(failed).toMatchObject({ code: 'S210', at: { line: 7 } });
    const mark = `sleep ${1_000_000 + process.pid}`;
    const stop = new AbortController();
    const stopped = seen(
      port
        .build(buildOf(`${text}; ${mark}`, asked), stop.signal)
        .pipe(tap((event) => event.is === 'output' && stop.abort())),
    );
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(processesWith(mark)).toEqual([]);
  });

  // The classic builder fetches nothing: that is told above.
  if (DOCKER_BUILDKIT === '1')
    it.each(['git', 'http'] as const)('fetches a branch and a directory of a repository over %s', async (by) => {
      const dir = tempProject();
      asRepository(dir);
      const { [by]: url } = await gitServed(dir, 'dev');
      const far = { remote: { url: `${url}#dev:web`, isOurs: false }, dockerfile: 'Dockerfile', noCache: true };
      const named = { ...far, options: { contexts: { lib: `${url}#dev:lib` } } };
      const isOld = Number.parseInt((await port.info()).version, 10) < 23;
      if (isOld)
        return expect(await problemFrom(seen(port.build(buildOf('', named), never)))).toMatchObject({ code: 'S265' });
      // Beside what git says of its own.
      expect((await built({ ...named, tags: [`${ref}:${by}`] }, '')).output).toContain('a branch beside it');
      const none = { ...named, remote: { ...far.remote, url: `${url}#none:web` } };
      const problem = await problemFrom(seen(port.build(buildOf('', none), never)));
      expect(problem.what).toContain('none');
    });

  it('is of several platforms where Docker keeps images in containerd, with what it is granted, or says that it cannot be', async () => {
    const asked = {
      platform: 'linux/amd64,linux/arm64',
      tags: [`${ref}:several`],
      options: { entitlements: ['network.host'] },
    };
    const text = 'FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /$TARGETARCH\n';
    if (DOCKER_BUILDKIT === '0' || (await port.info()).store !== 'containerd') {
      const problem = await problemFrom(seen(port.build(buildOf(text, asked), never)));
      expect(problem).toMatchObject({ code: 'S265', what: expect.stringContaining('an image of several platforms') });
      return;
    }
    expect((await built(asked, text)).id).toBe((await port.image(`${ref}:several`))?.id);
    for (const architecture of ['amd64', 'arm64']) {
      const { stdout } = await run('docker', [
        'image',
        'inspect',
        '--platform',
        `linux/${architecture}`,
        '-f',
        '{{.Architecture}}',
        `${ref}:several`,
      ]);
      expect(stdout.trim()).toBe(architecture);
    }
    const refused = { ...asked, options: { entitlements: ['security.insecure'] } };
    expect((await problemFrom(seen(port.build(buildOf(text, refused), never)))).what).toContain('security.insecure');
  });

  it('is the builder that info names', async () => {
    expect((await port.info()).buildkit).toBe(DOCKER_BUILDKIT === '1');
  });

  it('tells its steps and their output, and ends with the id of a tagged and labelled image', async () => {
    const { events, output, id } = await built(
      { tags: [`${ref}:a`], noCache: true, args: { WHO: 'wörld' } },
      `${base}\nARG WHO\nRUN echo "hello $WHO"; echo err >&2\nCMD ["sh"]`,
    );
    expect(output).toContain('hello wörld');
    expect(output).toContain('err');
    const run = events.filter((event) => event.is === 'step' && event.name.includes('RUN echo'));
    expect(run.map((event) => event.is === 'step' && event.state)).toEqual(['started', 'done']);
    expect(await port.image(`${ref}:a`)).toMatchObject({
      id,
      labels: { 'sluice-test': '1' },
      cmd: ['sh'],
      tags: [`${ref}:a`],
    });
  });

  it('says which steps came from the cache', async () => {
    const dockerfile = `${base}\nRUN echo cached-${DOCKER_BUILDKIT} > /x`;
    await built({ tags: [`${ref}:c`] }, dockerfile);
    const { events } = await built({ tags: [`${ref}:c`] }, dockerfile);
    const run = events.filter((event) => event.is === 'step' && event.name.includes('RUN echo'));
    expect(run.at(-1)).toMatchObject({ state: 'cached' });
  });

  it('stops at the target stage', async () => {
    const dockerfile = `${base.replace('scratch', 'scratch AS dev')}\nENV STAGE=dev\nFROM dev\nRUN exit 9`;
    const { id } = await built({ target: 'dev', tags: [`${ref}:t`] }, dockerfile);
    expect(id).toMatch(/^sha256:/);
  });

  it('names the failed step, its line, exit code and last output', async () => {
    const dockerfile = `${base}\n\nARG N=4\nRUN for i in 1 2 3; do echo "line $i"; done; \\\n  exit $N`;
    const problem = await problemFrom(seen(port.build(buildOf(dockerfile), never)));
    expect(problem).toMatchObject({ kind: 'step', code: 'S210', at: { file: 'Dockerfile', line: 6 } });
    expect(problem.what).toMatch(/^RUN for i in .*\(Dockerfile:6\) failed with exit code 4$/);
    expect(problem.logTail).toEqual(['line 1', 'line 2', 'line 3']);
  });

  it('says what to do where a step has filled its disk', async () => {
    // /dev/shm of a build is 64 MiB: a real "no space left on device", without filling this machine.
    const dockerfile = `${base}\nRUN dd if=/dev/zero of=/dev/shm/x bs=1M count=80`;
    const problem = await problemFrom(seen(port.build(buildOf(dockerfile), never)));
    expect(problem).toMatchObject({ kind: 'step', code: 'S210', hint: expect.stringContaining('docker system df') });
    expect(problem.logTail?.join('\n')).toContain('No space left on device');
  });

  it('gives its steps the limits and the shared memory that it was told', async () => {
    const options = { shmBytes: 8 << 20, ulimits: { nofile: { soft: 1_234, hard: 1_300 } } };
    const dockerfile = `${base}\nRUN echo "$(ulimit -n) files"; df -k /dev/shm`;
    const { output } = await built({ options, noCache: true }, dockerfile);
    const isHeeded = /1234 files[\s\S]* 8192 /.test(output);
    const isOld = Number.parseInt((await port.info()).version, 10) < 23;
    // A builder that does not heed them says so.
    expect(isHeeded).toBe(!isOld || DOCKER_BUILDKIT === '0');
    expect(output.includes('does not heed shmSize and ulimits')).toBe(!isHeeded);
  });

  it('keeps only the last lines of a long output', async () => {
    const problem = await problemFrom(seen(port.build(buildOf(`${base}\nRUN exec 2>&1; seq 1 500; nosuch`), never)));
    expect(problem.logTail).toHaveLength(20);
    expect(problem.logTail?.at(-2)).toBe('500');
    expect(problem.what).toContain('command not found');
  });

  it('names the line of a syntax error, as something to edit', async () => {
    const problem = await problemFrom(seen(port.build(buildOf(`${base}\nFOO bar`), never)));
    expect(problem).toMatchObject({ kind: 'yours', code: 'S211', at: { line: 4 } });
    expect(problem.what).toMatch(/^Dockerfile: dockerfile parse error .*FOO/);
  });

  it.each([
    ['a COPY of nothing', `${base}\nCOPY nope /x`, {}, /nope/],
    ['a missing stage', base, { target: 'dev' }, /no stage "dev"/],
  ])('says what to edit for %s', async (_, dockerfile, more, what) => {
    const problem = await problemFrom(seen(port.build(buildOf(dockerfile, more), never)));
    expect(problem).toMatchObject({
      kind: 'yours',
      code: 'S211',
      what: expect.stringMatching(what),
      hint: expect.any(String),
    });
  });

  it('names a base image that is not there, its line, and that it may be one of our own', async () => {
    const problem = await problemFrom(
      seen(port.build(buildOf('ARG TAG=7\nFROM localhost:5999/shop/base:$TAG'), never)),
    );
    expect(problem).toMatchObject({ kind: 'unavailable', code: 'S212', at: { line: 2 } });
    expect(problem.what).toContain('localhost:5999/shop/base:7');
    expect(problem.hint).toContain('add it under images:');
  });

  // The packer of the real product: an archive that is given up in mid-entry must reach nobody as an uncaught error.
  it.each([
    ['a failing step', `${base}\nRUN exit 7`, { kind: 'step', code: 'S210', at: { line: 4 } }],
    ['a syntax error', `${base}\nCOPYY . /app`, { kind: 'yours', code: 'S211', at: { line: 4 } }],
    ['no fault', base, null],
  ])('ends as it should with %s where the Dockerfile lies outside its context', async (_, text, fault) => {
    const dir = tempProject({ 'bin/busybox': '', 'a.txt': 'a', 'big.txt': 'x'.repeat(3_000_000) });
    copyFileSync('/bin/busybox', join(dir, 'bin/busybox'));
    chmodSync(join(dir, 'bin/busybox'), 0o755);
    symlinkSync('busybox', join(dir, 'bin/sh'));
    const entries = await disk.list(dir, { roots: [dir], filters: [] }, never);
    // Not from the cache: who builds the same beside takes its steps away at the end.
    const context = { root: dir, entries, mtime: 0, disk };
    const build = buildOf(text, { context, dockerfile: '../Dockerfile', noCache: true });
    if (fault) return expect(await problemFrom(seen(port.build(build, never)))).toMatchObject(fault);
    await port.removeImage((await seen(port.build(build, never))).id);
  });

  it('rejects with the fault of a context that cannot be read', async () => {
    const gone = () =>
      new Readable({
        read() {
          this.destroy(new Error('disk went away'));
        },
      });
    const build = buildOf(base);
    const context = { ...build.context, disk: { ...build.context.disk, tar: gone, read: gone } };
    await expect(seen(port.build({ ...build, context }, never))).rejects.toThrow('disk went away');
  });

  // BuildKit takes them: session tests prove that.
  if (DOCKER_BUILDKIT === '0')
    it('refuses secrets with what to do', async () => {
      const problem = await problemFrom(
        seen(port.build(buildOf(base, { secrets: ['id=a,src=/etc/hostname'] }), never)),
      );
      expect(problem).toMatchObject({ kind: 'yours', code: 'S214' });
      expect(name).toContain('classic');
    });
});
