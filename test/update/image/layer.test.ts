import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../src/adapters/docker/index.ts';
import { connectKube } from '../../../src/adapters/kube/index.ts';
import { limits } from '../../../src/model/limits.ts';
import type { BuiltImage, FileChange } from '../../../src/model/run.ts';
import { layerStrategy } from '../../../src/update/image/layer/layer.ts';
import { cluster, docker as hasDocker, kubeconfig } from '../../support/capability.ts';
import { dockerfileBuild } from '../../support/docker/dockerfile-build.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { build, busyboxImage, container, docker, treeIn } from '../live/docker.ts';
import { builtImage, change, imageWork, kubeWork, portsWith, rule } from '../live/work.ts';

describe('the claim of an image from the existing one', () => {
  const rules = [rule.fallback('/p/lock'), rule.sync('/p', '/app')];
  const work = (path: string, last: Partial<BuiltImage> = {}) =>
    kubeWork([imageWork(rules, [change(path)], {}, builtImage(last))], []);

  it('is made without any container', () => {
    expect(layerStrategy.claim(work('/p/x'))).toEqual({ take: true });
  });

  it.each([
    ['a fallback rule hit', work('/p/lock')],
    ['so many layers', work('/p/x', { layers: limits.layersOnTop })],
    ['--update-mode naive', { ...work('/p/x'), updateMode: 'naive' as const }],
    ['a changed configuration', { ...work('/p/x'), cause: 'config' as const }],
    ['nothing deployed yet', { ...work('/p/x'), deployed: null }],
  ])('is left to a full build after %s', (_, refused) => {
    expect(layerStrategy.claim(refused)).toMatchObject({ take: false });
  });
});

describe.skipIf(!cluster || !hasDocker)('an image from the existing one', () => {
  /** A base of `dockerfile` over `src`, what then became of `src`, and the run that puts the one on the other. */
  async function layered(
    dockerfile: string,
    before: Record<string, string>,
    edit: (dir: string) => readonly FileChange[],
    step = 'true',
  ) {
    const daemon = await connectDocker({ env: process.env, home: homedir() });
    const kube = await connectKube({ kubeconfig, context: 'sluice-test' });
    onTestFinished(() => {
      daemon.close();
      kube.close();
    });
    const dir = tempProject({ ...before, Dockerfile: dockerfile });
    const last = builtImage({
      ref: `live-${randomUUID().slice(0, 8)}`,
      id: await docker('inspect', '-f', '{{.Id}}', await build(dir, dockerfile)),
    });
    const changes = edit(dir);
    const dockerBuild = dockerfileBuild(dir);
    const spec = { ref: last.ref, build: dockerBuild, files: { roots: [dir], filters: [] } };
    const image = imageWork([rule.sync(`${dir}/src`, '/app'), rule.run(step)], changes, spec, last);
    const ports = portsWith({ docker: async () => daemon, kube: async () => kube });
    const end = await lastValueFrom(layerStrategy.run(kubeWork([image], []), new AbortController().signal, ports));
    if (end.is !== 'ended') throw new Error('the run did not end');
    return { dir, ref: last.ref, ports, outcome: end.outcome };
  }

  it('holds the tree of a full build, the steps run, and goes to the registry', { timeout: 90_000 }, async () => {
    const dockerfile = `FROM ${await busyboxImage()}\nCOPY src /app\nUSER 1000\n`;
    const before = { 'src/stays': '1', 'src/changes': '1', 'src/gone/x': '1' };
    const edit = (dir: string) => {
      writeFiles(dir, { 'src/changes': '2', 'src/new $(id)/y': '1' });
      rmSync(`${dir}/src/gone`, { recursive: true });
      return [
        change(`${dir}/src/changes`),
        change(`${dir}/src/new $(id)/y`, 'added'),
        change(`${dir}/src/gone/x`, 'removed'),
      ];
    };
    const { dir, ref, ports, outcome } = await layered(dockerfile, before, edit, 'echo ran as $(id -u)');
    const built = (outcome.is === 'ok' ? outcome.result.images : outcome.is === 'failed' ? outcome.images : [])[0];
    expect(built, JSON.stringify(outcome)).toMatchObject({
      ref,
      layers: 1,
      change: 2,
      pushed: expect.stringContaining('sha256:'),
    });
    onTestFinished(() => docker('rmi', '-f', built!.tagged).then(() => {}));
    const [made, full] = [await container(built!.tagged), await container(await build(dir, dockerfile))];
    expect(await treeIn(made, '/app')).toBe(await treeIn(full, '/app'));
    expect(await docker('inspect', '-f', '{{.Config.User}}', built!.tagged)).toBe('1000');
    expect(ports.logs.tailText({ sources: ['build'] }, 50).join('\n')).toContain('ran as 1000');
    expect(await docker('images', '-q', 'sluice-from')).toBe('');
  });

  /** Of what was built, whether or not a cluster could take it. */
  const imageOf = ({ outcome }: Awaited<ReturnType<typeof layered>>): string => {
    const images = outcome.is === 'ok' ? outcome.result.images : outcome.is === 'failed' ? outcome.images : [];
    const [built] = images;
    if (!built) throw new Error(JSON.stringify(outcome));
    onTestFinished(() => docker('rmi', '-f', built.tagged).then(() => {}));
    return built.tagged;
  };
  const listing = 'cd /app; find . | sort | while read -r f; do stat -c "%n %A %u:%g" "$f"; done; readlink uploads';
  const listed = (image: string) => docker('run', '--rm', '--user', '0', image, 'sh', '-c', listing);

  it('keeps owners and modes that the build gave, and writes through a link to a directory', async () => {
    const dockerfile = `FROM ${await busyboxImage()}
COPY --chown=1000:1001 src /app
RUN chmod 755 /app/tool.sh && mkdir -p /data && ln -s /data /app/uploads && chown -h 0:0 /app/uploads
USER 1000
`;
    const before = { 'src/tool.sh': '1', 'src/conf': '1', 'src/turns/x': '1' };
    const made = await layered(dockerfile, before, (dir) => {
      rmSync(`${dir}/src/turns`, { recursive: true });
      writeFiles(dir, { 'src/tool.sh': '2', 'src/turns': 'a file now', 'src/uploads/a': '1', 'src/deep/er/b': '1' });
      return [
        change(`${dir}/src/tool.sh`),
        change(`${dir}/src/turns/x`, 'removed'),
        change(`${dir}/src/turns`, 'added'),
        change(`${dir}/src/uploads/a`, 'added'),
        change(`${dir}/src/deep/er/b`, 'added'),
      ];
    });
    const lines = (await listed(imageOf(made))).split('\n');
    expect(lines).toEqual([
      '. drwxr-xr-x 1000:1001',
      './conf -rw-r--r-- 1000:1001',
      './deep drwxr-xr-x 1000:1001',
      './deep/er drwxr-xr-x 1000:1001',
      './deep/er/b -rw-r--r-- 1000:1001',
      './tool.sh -rwxr-xr-x 1000:1001',
      './turns -rw-r--r-- 1000:1001',
      './uploads lrwxrwxrwx 0:0',
      '/data',
    ]);
  });

  it('fails with a step, and leaves no name behind', async () => {
    const dockerfile = `FROM ${await busyboxImage()}\nCOPY src /app\n`;
    const broken = await layered(dockerfile, { 'src/a': '1' }, (dir) => [change(`${dir}/src/a`)], 'exit 7');
    expect(broken.outcome).toMatchObject({ is: 'failed', problem: { kind: 'step', code: 'S210' } });
    expect(await docker('images', '-q', 'sluice-from')).toBe('');
  });
});
