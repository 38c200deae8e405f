import { randomUUID } from 'node:crypto';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { tap } from 'rxjs';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../src/adapters/docker/index.ts';
import type { DockerPort, Ports } from '../../../src/model/ports.ts';
import { isProblemError, type Problem } from '../../../src/model/problems/problem.ts';
import type { BuiltImage, ImageWork, KubeWork } from '../../../src/model/run.ts';
import { buildImage } from '../../../src/update/image/build.ts';
import { BuiltInputs } from '../../../src/update/image/exchange/built-inputs.ts';
import { createImageCache } from '../../../src/update/image/known/known-images.ts';
import type { Destination } from '../../../src/update/image/registry.ts';
import { docker as hasDocker } from '../../support/capability.ts';
import { busyboxImage, namesOfImages } from '../../support/docker/images.ts';
import { eventually, processesWith } from '../../support/facts.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { docker, dockerfileBuild, imageName, imageOf, never, portsOf, said, workOf } from '../real.ts';

const nowhere: Destination = { host: null, fromCluster: null, push: false, load: null, unknown: null };
const registry: Destination = {
  host: 'localhost:5000',
  fromCluster: 'localhost:5000',
  push: true,
  load: null,
  unknown: null,
};

describe.skipIf(!hasDocker)('building an image', () => {
  let daemon: DockerPort;
  let base: string;
  beforeAll(async () => {
    daemon = await connectDocker({ env: process.env, home: homedir() });
    base = await busyboxImage();
    return () => daemon.close();
  });

  interface Session {
    readonly ports: Ports;
    build(images: readonly ImageWork[], fields?: Partial<KubeWork>, stop?: AbortSignal): Promise<readonly Made[]>;
  }
  type Made = Awaited<ReturnType<typeof buildImage>>;

  /** One session on a project directory: its own cache over the notes of the directory. */
  function session(dir: string, destination = nowhere, port = daemon): Session {
    const ports = portsOf({ docker: port });
    const cache = createImageCache(ports.disk, dir);
    return {
      ports,
      async build(images, fields = {}, stop = never) {
        const work = workOf('default', '', images, fields);
        const done = new Map<string, BuiltImage>();
        const made: Made[] = [];
        for (const image of images) {
          const say = { step: () => {}, phase: () => {}, built: () => {} };
          const it = { work, docker: port, destination, cache, inputs: new BuiltInputs(), ports, say, stop, done };
          const one = await buildImage(image, destination.push, it);
          done.set(image.spec.ref, one.image);
          made.push(one);
        }
        return made;
      },
    };
  }
  const problemOf = (run: Promise<unknown>): Promise<Problem> =>
    run.then(
      () => {
        throw new Error('it did not fail');
      },
      (error) => {
        if (!isProblemError(error)) throw error;
        return error.problem;
      },
    );
  const cat = (id: string, path: string) => docker('run', '--rm', '--network', 'none', id, 'cat', path);

  it('has all of its names after each build, also where they were taken from it meanwhile', async () => {
    const dir = tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: 'named' });
    const tags = [`${imageName('named')}:one`, `${imageName('named')}:two`];
    const image = imageOf(imageName('named'), dockerfileBuild(dir), { tags });
    const [made] = await session(dir).build([image]);
    const idOf = async (tag: string) => (await daemon.image(tag))?.id ?? null;
    expect(await Promise.all(tags.map(idOf))).toEqual([made?.image.id, made?.image.id]);
    await daemon.removeImage(tags[0] as string);
    const [again] = await session(dir).build([image]);
    expect(again?.isNew).toBe(false);
    expect(await Promise.all(tags.map(idOf))).toEqual([made?.image.id, made?.image.id]);
  });

  it('that does not arrive is not built again when it is tried again', async () => {
    const dir = tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: 'away' });
    const image = imageOf(imageName('away'), dockerfileBuild(dir));
    const away = session(dir, { ...registry, host: 'localhost:1', fromCluster: 'localhost:1' });
    expect(await problemOf(away.build([image]))).toMatchObject({ kind: 'unavailable', code: 'S222' });
    expect(said(away.ports)).toContain('building');
    const again = session(dir, { ...registry, host: 'localhost:1', fromCluster: 'localhost:1' });
    const problem = await problemOf(again.build([image]));
    expect(problem).toMatchObject({
      code: 'S222',
      what: expect.stringContaining('localhost:1'),
      hint: expect.stringContaining('localhost:1'),
    });
    expect(said(again.ports)).not.toContain('building');
  });

  it('that is unchanged builds nothing, also in a later session, and a changed file builds', async () => {
    const dir = tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: '1' });
    const image = imageOf(imageName('same'), dockerfileBuild(dir), {
      files: { roots: [dir], filters: [{ base: dir, patterns: ['.sluice'] }] },
    });
    const first = session(dir);
    const [one] = await first.build([image]);
    expect(one?.isNew).toBe(true);
    expect(one?.image.tagged).toMatch(/:sluice-[0-9a-f]{16}$/);
    expect((await first.build([image]))[0]).toMatchObject({ isNew: false, image: { id: one?.image.id } });
    const later = session(dir);
    expect((await later.build([image]))[0]).toMatchObject({ isNew: false, image: { id: one?.image.id } });
    expect(said(later.ports)).toContain('unchanged');
    writeFiles(dir, { a: '2' });
    const [two] = await later.build([image]);
    expect(two).toMatchObject({ isNew: true });
    expect(await cat(two!.image.tagged, '/a')).toBe('2');
    // A branch switched there and back finds its image again.
    writeFiles(dir, { a: '1' });
    expect((await later.build([image]))[0]).toMatchObject({ isNew: false, image: { id: one?.image.id } });
    expect((await later.build([image], { force: true }))[0]?.isNew).toBe(true);
  });

  it('that was removed from the daemon is built again, one that lost its tag is tagged again', async () => {
    const dir = tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: String(Math.random()) });
    const outside = tempProject();
    const image = imageOf(imageName('removed'), dockerfileBuild(dir));
    const it = session(outside);
    const [one] = await it.build([image]);
    const { tagged, id } = one!.image;
    await docker('tag', id, `${image.spec.ref}:mine`);
    await docker('rmi', tagged);
    expect((await it.build([image]))[0]?.isNew).toBe(false);
    expect(await namesOfImages(image.spec.ref)).toContain(tagged);
    await docker('rmi', '-f', id);
    expect((await it.build([image]))[0]?.isNew).toBe(true);
  });

  it('that only its registry still has is used again, but where something is made of what Docker had of it', async () => {
    const dir = tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: String(Math.random()) });
    const image = imageOf(imageName('served'), dockerfileBuild(dir));
    const [one] = await session(dir, registry).build([image]);
    const { id, tagged, pushed } = one!.image;
    expect(pushed).toMatch(/^sha256:/);
    const lost = () => docker('rmi', '-f', id);

    const looked: string[] = [];
    const look = (ref: string) => {
      looked.push(ref);
      return daemon.image(ref);
    };
    const port = { ...daemon, image: look };
    await lost();
    const [again] = await session(dir, registry, port).build([image]);
    expect(again).toMatchObject({ isNew: false, image: { id, tagged, pushed } });
    expect(looked).toEqual([]);
    expect(await namesOfImages(image.spec.ref)).toEqual([]);

    const above = imageOf(imageName('above'), dockerfileBuild(dir), { bases: [image.spec.ref] });
    expect((await session(dir, registry).build([image, above]))[0]?.isNew).toBe(true);
    await lost();
    const restart = { is: 'restart' as const, what: 'process' as const, at: image.spec.at };
    const supervised = { ...image, spec: { ...image.spec, live: [restart] } };
    expect((await session(dir, registry).build([supervised]))[0]?.isNew).toBe(true);
    await lost();
    const forgotten = { ...daemon, inRegistry: async () => false };
    expect((await session(dir, registry, forgotten).build([image]))[0]?.isNew).toBe(true);
  });

  it('of a chain builds bases first and once, and takes their newest state', async () => {
    const ref = imageName('chain');
    const [a, b] = [
      tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: '1' }),
      tempProject({ Dockerfile: `FROM ${ref}\nCOPY b /b\n`, b: '1' }),
    ];
    const images = [imageOf(ref, dockerfileBuild(a)), imageOf(`${ref}-app`, dockerfileBuild(b), { bases: [ref] })];
    const it = session(tempProject());
    const [, app] = await it.build(images);
    expect(await cat(app!.image.tagged, '/a')).toBe('1');
    writeFiles(a, { a: '2' });
    const [, second] = await it.build(images);
    expect(second?.isNew).toBe(true);
    expect(await cat(second!.image.tagged, '/a')).toBe('2');
    // Back again: the base is known, but its plain name is on the newer one.
    writeFiles(a, { a: '1' });
    writeFiles(b, { b: '3' });
    const [known, third] = await it.build(images);
    expect([known?.isNew, third?.isNew]).toEqual([false, true]);
    expect(await cat(third!.image.tagged, '/a')).toBe('1');
  });

  it('tells a name with a tag from the one without', async () => {
    const ref = imageName('tags');
    const dirs = ['plain', 'stretch'].map((what) => tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: what }));
    const images = [imageOf(ref, dockerfileBuild(dirs[0]!)), imageOf(`${ref}:stretch`, dockerfileBuild(dirs[1]!))];
    const made = await session(tempProject(), registry).build(images);
    expect(new Set(made.map(({ image }) => image.tagged.replace(/:sluice-.*/, ''))).size).toBe(2);
    expect(await Promise.all(made.map(({ image }) => cat(image.tagged, '/a')))).toEqual(['plain', 'stretch']);
  });

  it('gives it args, a target, and the files of its context alone', async () => {
    const dir = tempProject({
      Dockerfile: `FROM ${base} AS dev\nARG VERSION=none\nCOPY . /ctx\nRUN echo $VERSION > /version\nFROM ${base}\n`,
      'src/a': '1',
      'secret.txt': 'left out',
    });
    const image = imageOf(imageName('args'), dockerfileBuild(dir, { target: 'dev', args: { VERSION: '7' } }), {
      files: { roots: [dir], filters: [{ base: dir, patterns: ['secret.txt'] }] },
    });
    const [made] = await session(tempProject()).build([image]);
    expect(await cat(made!.image.tagged, '/version')).toBe('7');
    expect(await docker('run', '--rm', made!.image.tagged, 'ls', '/ctx')).toBe('Dockerfile\nsrc');
  });

  it.each([
    ['in its context', 'Dockerfile'],
    ['in a directory of its context', 'docker/dev.Dockerfile'],
    ['outside of its context', '../elsewhere/Dockerfile'],
  ])('that fails names the line of the Dockerfile %s', async (_, path) => {
    const top = tempProject({ 'context/a': '1' });
    const dir = `${top}/context`;
    const dockerfile = new URL(path, `file://${dir}/`).pathname;
    writeFiles('/', { [dockerfile.slice(1)]: `FROM ${base}\nCOPY a /a\nRUN echo some words && exit 3\n` });
    const image = imageOf(imageName('fails'), dockerfileBuild(dir, { dockerfile }));
    const problem = await problemOf(session(top).build([image]));
    expect(problem).toMatchObject({ code: 'S210', at: { file: dockerfile, line: 3 } });
    expect(problem.logTail?.join('\n')).toContain('some words');
    expect(problem.what).not.toContain('.sluice.Dockerfile');
  });

  it.each(['BuildKit', 'the classic builder'])(
    'of a Dockerfile in the configuration is built by %s, which sees the files alone',
    async (by) => {
      const env = { ...process.env, DOCKER_BUILDKIT: by === 'BuildKit' ? '1' : '0' };
      const port = await connectDocker({ env, home: homedir() });
      onTestFinished(() => port.close());
      // Of this run alone: what an earlier one has built says nothing any more.
      const dir = tempProject({
        Dockerfile: 'of another\n',
        a: randomUUID(),
        '.dockerignore': '**\n!a\n!Dockerfile\n',
      });
      const file = `${dir}/sluice.yaml`;
      const files = { roots: [dir], filters: [{ base: dir, patterns: ['.dockerignore'] }] };
      const image = (inline: string) =>
        imageOf(imageName('inline'), dockerfileBuild(dir, { dockerfile: file, inline }), {
          files,
          at: { file, line: 2, column: 3 },
          dockerfileAt: { file, line: 10, column: 1 },
        });
      const it = session(dir, nowhere, port);
      const text = `FROM ${base}\nCOPY . /ctx\nRUN cd /ctx && ls -A && cat Dockerfile`;
      const [made] = await it.build([image(text)]);
      expect(await docker('run', '--rm', made!.image.tagged, 'ls', '-A', '/ctx')).toBe('Dockerfile\na');
      expect(said(it.ports)).toContain('of another');
      const failed = await problemOf(it.build([image(`${text}\nRUN exit 3\n`)]));
      expect(failed).toMatchObject({ code: 'S210', at: { file, line: 13 } });
      expect(failed.what).toMatch(/RUN exit 3 \(sluice.yaml:13\) failed with exit code 3/);
      const wrong = await problemOf(it.build([image(`${text}\nRUNN x\n`)]));
      expect(wrong).toMatchObject({ code: 'S211', at: { file, line: 13 } });
      expect(wrong.what).toMatch(/^the Dockerfile in sluice.yaml: /);
    },
  );

  it('takes in a file that vanishes meanwhile by listing once more', async () => {
    const dir = tempProject({ Dockerfile: `FROM ${base}\nCOPY . /ctx\n`, a: '1', b: '1' });
    const it = session(tempProject());
    const { disk } = it.ports;
    let times = 0;
    const racing = {
      ...disk,
      tar: (...args: Parameters<typeof disk.tar>) => {
        if (times++ === 0) rmSync(`${dir}/b`);
        return disk.tar(...args);
      },
    };
    Object.assign(it.ports, { disk: racing });
    const [made] = await it.build([imageOf(imageName('vanish'), dockerfileBuild(dir))]);
    expect(await docker('run', '--rm', made!.image.tagged, 'ls', '/ctx')).toBe('Dockerfile\na');
    expect(said(it.ports)).toContain('listed again');
  });

  it('does not take an image for that of files which were saved while it was built', async () => {
    const dir = tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: 'old' });
    const it = session(tempProject());
    const { disk } = it.ports;
    let times = 0;
    const racing = {
      ...disk,
      tar: (...args: Parameters<typeof disk.tar>) => {
        if (times++ === 0) writeFileSync(`${dir}/a`, 'new one');
        return disk.tar(...args);
      },
    };
    Object.assign(it.ports, { disk: racing });
    const image = imageOf(imageName('saved'), dockerfileBuild(dir));
    await it.build([image]);
    writeFileSync(`${dir}/a`, 'old');
    const [made] = await it.build([image]);
    expect(made?.isNew).toBe(true);
    expect(await cat(made!.image.tagged, '/a')).toBe('old');
  });

  it('that is cancelled leaves no container, no tag and no process', async () => {
    const mark = `sleep ${1_000_000 + Math.floor(Math.random() * 1_000_000)}`;
    const dir = tempProject({ Dockerfile: `FROM ${base}\nRUN ${mark}\n` });
    const ref = imageName('cancel');
    const it = session(tempProject());
    const stop = new AbortController();
    const building = it.build([imageOf(ref, dockerfileBuild(dir))], {}, stop.signal).then(
      () => 'built',
      (error: Error) => error.name,
    );
    await eventually(() => (processesWith(mark).length > 0 ? true : null), 'the step runs');
    stop.abort();
    expect(await building).toBe('AbortError');
    expect(processesWith(mark)).toEqual([]);
    expect(await namesOfImages(ref)).toEqual([]);
    const containers = await docker('ps', '-a', '--no-trunc', '--format', '{{.Command}}');
    expect(containers.split('\n').filter((line) => line.includes(mark))).toEqual([]);
  });

  it('goes to the registry once, and again when the registry lost it', async () => {
    const dir = tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: String(Math.random()) });
    const image = imageOf(imageName('push'), dockerfileBuild(dir));
    const pushes: string[] = [];
    const watched: DockerPort = {
      ...daemon,
      push: (ref, stop) => daemon.push(ref, stop).pipe(tap({ subscribe: () => pushes.push(ref) })),
    };
    const it = session(tempProject(), registry, watched);
    const [one] = await it.build([image]);
    expect(one?.image).toMatchObject({
      pushed: expect.stringMatching(/^sha256:/),
      tagged: expect.stringMatching(/^localhost:5000\/sluicetest_push/),
    });
    await it.build([image]);
    expect(pushes).toHaveLength(1);
    const forgetful = session(tempProject(), registry, { ...watched, inRegistry: async () => false });
    await forgetful.build([image]);
    await forgetful.build([image]);
    expect(pushes).toHaveLength(3);
  });

  it('goes with its build once it has been there before, and is named by its digest', async () => {
    const dir = tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: String(Math.random()) });
    const image = imageOf(imageName('within'), dockerfileBuild(dir));
    const pushes: string[] = [];
    const watched: DockerPort = {
      ...daemon,
      push: (ref, stop) => daemon.push(ref, stop).pipe(tap({ subscribe: () => pushes.push(ref) })),
    };
    const isWithin = (await daemon.info()).store === 'containerd';
    const it = session(tempProject(), registry, watched);
    const [one] = await it.build([image]);
    writeFiles(dir, { a: '2' });
    const [two] = await it.build([{ ...image, last: one!.image }]);
    const { tagged, pushed, id } = two!.image;
    if (!isWithin) return expect([tagged, pushes.length]).toEqual([expect.stringMatching(/:sluice-[0-9a-f]{16}$/), 2]);
    expect(pushes).toEqual([one?.image.tagged]);
    expect(tagged).toBe(`${one?.image.tagged.split(':sluice-')[0]}@${pushed}`);
    expect(await cat(id, '/a')).toBe('2');
    expect(await namesOfImages(image.spec.ref)).toHaveLength(2);
    // Known again, also by its digest.
    expect((await it.build([image]))[0]).toMatchObject({ isNew: false, image: { tagged, id } });
    expect(pushes).toHaveLength(1);
    // Lost there, it is pushed by a name from its content; and so it is named where nothing is pushed any more.
    const forgetful = session(tempProject(), registry, { ...watched, inRegistry: async () => false });
    const [three] = await forgetful.build([{ ...image, last: two!.image }], { force: true });
    expect(three?.image.tagged).toContain('@');
    const [again] = await forgetful.build([image]);
    expect(again).toMatchObject({ isNew: false, image: { tagged: pushes[1] } });
    expect(pushes[1]).toMatch(/:sluice-[0-9a-f]{16}$/);
    expect(await cat(pushes[1]!, '/a')).toBe('2');
  });

  it('that cannot go with its build is pushed on its own, which says why', async () => {
    const dir = tempProject({ Dockerfile: `FROM ${base}\nCOPY a /a\n`, a: String(Math.random()) });
    const image = imageOf(imageName('refused'), dockerfileBuild(dir));
    const away = { ...registry, host: 'localhost:1', fromCluster: 'localhost:1' };
    const repository = `localhost:1/${image.spec.ref.replaceAll('/', '_')}`;
    const last = { tagged: `${repository}:sluice-1`, pushed: 'sha256:1' } as BuiltImage;
    const it = session(dir, away);
    expect(await problemOf(it.build([{ ...image, last }]))).toMatchObject({ kind: 'unavailable', code: 'S222' });
    const again = session(dir, away);
    expect(await problemOf(again.build([{ ...image, last }]))).toMatchObject({ kind: 'unavailable', code: 'S222' });
    expect(said(again.ports)).not.toContain('building');
  });

  it('by a command gets the name to make, its registry and the variables of env files, and leaves no other name', async () => {
    const dir = tempProject({
      Dockerfile: `FROM ${base}\nARG WHAT\nRUN echo $WHAT > /a\n`,
      'build.sh':
        '#!/bin/sh\necho "making $SLUICE_IMAGE for $SLUICE_REGISTRY tag $SLUICE_TAG"\nexec docker build -q --build-arg WHAT="$WHAT" -t "$SLUICE_IMAGE" .\n',
    });
    chmodSync(`${dir}/build.sh`, 0o755);
    const ref = imageName('command');
    const build = { is: 'command', command: './build.sh', dir, env: { WHAT: 'from env' } } as const;
    const it = session(tempProject(), registry);
    const [made] = await it.build([imageOf(ref, build)]);
    expect(await cat(made!.image.tagged, '/a')).toBe('from env');
    expect(said(it.ports)).toMatch(
      /making localhost:5000\/sluicetest_command-\w+:(sluice-build-\S+) for localhost:5000 tag \1/,
    );
    expect(await namesOfImages(ref)).toEqual([made?.image.tagged]);
    expect((await it.build([imageOf(ref, build)]))[0]?.isNew).toBe(false);
  });

  it('by a command that fails, or makes nothing, says so with its last lines', async () => {
    const dir = tempProject();
    const image = (command: string) => imageOf(imageName('broken'), { is: 'command', command, dir });
    expect(await problemOf(session(dir).build([image('echo last words; exit 4')]))).toMatchObject({
      code: 'S260',
      what: expect.stringContaining('code 4'),
      logTail: expect.arrayContaining(['last words']),
    });
    expect(await problemOf(session(dir).build([image('true')]))).toMatchObject({
      code: 'S261',
      hint: expect.stringContaining('$SLUICE_IMAGE'),
    });
  });

  it('by a command is cancelled with all that the command started, and its image is not left half-named', async () => {
    const mark = String(1_000_000 + Math.floor(Math.random() * 1_000_000));
    const dir = tempProject();
    const ref = imageName('stopped');
    const command = `docker tag ${base} "$SLUICE_IMAGE"; sleep ${mark} & wait`;
    const stop = new AbortController();
    const building = session(dir)
      .build([imageOf(ref, { is: 'command', command, dir })], {}, stop.signal)
      .then(
        () => 'built',
        (error: Error) => error.name,
      );
    // The shell has it on its command line from the start; once it sleeps, the name is there.
    const sleeps = () => processesWith(`sleep ${mark}`).some((line) => /^\d+ sleep/.test(line));
    await eventually(() => (sleeps() ? true : null), 'the command sleeps');
    expect(await namesOfImages(ref)).toHaveLength(1);
    stop.abort();
    expect(await building).toBe('AbortError');
    expect(processesWith(`sleep ${mark}`)).toEqual([]);
    expect(await namesOfImages(ref)).toEqual([]);
  });

  it('builds although nothing can be remembered', async () => {
    const dir = tempProject({ Dockerfile: `FROM ${base}\n`, '.sluice': 'a file where the directory should be' });
    const it = session(dir);
    const [made] = await it.build([imageOf(imageName('readonly'), dockerfileBuild(dir))]);
    expect(made?.isNew).toBe(true);
    expect(said(it.ports)).toContain('cannot be written');
  });
});
