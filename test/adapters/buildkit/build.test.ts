import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { lastValueFrom, type Observable, tap } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grpcClient } from '../../../src/adapters/buildkit/grpc-client.ts';
import { createBuildkit } from '../../../src/adapters/buildkit/index.ts';
import { encodeField } from '../../../src/adapters/buildkit/protobuf.ts';
import { createRegistry } from '../../../src/adapters/registry/index.ts';
import type { BuilderPort, RemoteBuild, RemoteEvent } from '../../../src/model/ports/builder.ts';
import type { Problem, ProblemError } from '../../../src/model/problems/problem.ts';
import { cluster } from '../../support/capability.ts';
import { type Buildkitd, buildkitd, noBuildkitd } from '../../support/docker/buildkitd.ts';
import { gitServed } from '../../support/servers/git-server.ts';
import { tempProject } from '../../support/temp.ts';
import { asRepository, base, buildOf, contextOf, served } from '../docker/builds/context.ts';

const never = new AbortController().signal;
const repository = `localhost:5000/sluice-test/buildkit-${process.pid}`;
const where = { env: { ...process.env, TOKEN: 'hush' }, home: '/nowhere' };

const remote = (dockerfile: string, over: Partial<RemoteBuild> = {}): RemoteBuild => ({
  ...buildOf(dockerfile, over),
  push: { name: `${repository}:1`, insecure: false },
  look: null,
  ...over,
});

const problemOf = (build$: Observable<RemoteEvent>): Promise<Problem> =>
  lastValueFrom(build$).then(
    () => Promise.reject(new Error('it went well')),
    (error: ProblemError) => error.problem,
  );

const isRunning = (text: string): boolean =>
  readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });

// The registry is the test cluster's.
describe.skipIf(noBuildkitd !== null || !cluster)('a BuildKit of its own', () => {
  let daemon: Buildkitd;
  let port: BuilderPort;
  const kit = createBuildkit(where);
  beforeAll(async () => {
    daemon = await buildkitd();
    port = kit.over(kit.at(daemon.address, null));
  });
  afterAll(() => daemon.close());

  const pushed = async (build: RemoteBuild, hear: (event: RemoteEvent) => void = () => {}) => {
    const last = await lastValueFrom(port.build(build, never).pipe(tap(hear)));
    if (last.is !== 'pushed') throw new Error(`ended with ${last.is}`);
    return last;
  };

  it('says what it is', async () => {
    expect(await port.info(never)).toMatchObject({
      called: `BuildKit at ${daemon.address}`,
      platforms: expect.arrayContaining([`linux/${process.arch === 'x64' ? 'amd64' : process.arch}`]),
    });
  });

  it('builds and pushes in one, tells how the image starts, and is told what another was built from', async () => {
    const text = `${base}\nRUN --mount=type=secret,id=t [ "$(cat /run/secrets/t)" = hush ] && echo done\nENTRYPOINT ["/bin/sh"]\nCMD ["-c"]`;
    const one = await pushed(remote(text, { secrets: ['id=t,env=TOKEN'], look: '/bin/sh' }));
    expect(one.start).toEqual({ entrypoint: ['/bin/sh'], cmd: ['-c'], found: true });
    const registry = createRegistry(where);
    expect(await registry.has(`${repository}@${one.digest}`, never)).toBe(true);
    expect(await registry.has(`${repository}@sha256:${'0'.repeat(64)}`, never)).toBe(false);
    expect(await registry.has('localhost:1/nobody@sha256:0', never)).toBe(null);
    const said: string[] = [];
    const contexts = { 'shop/base': `docker-image://${repository}@${one.digest}` };
    const from = remote(
      'FROM shop/base AS dev\nRUN ["/bin/echo", "from base"]\nFROM scratch\nCOPY --from=dev /bin/echo /',
      {
        options: { contexts },
        look: '/bin/sh',
      },
    );
    const two = await pushed(from, (event) => event.is === 'output' && said.push(event.text));
    expect(said.join('')).toContain('from base');
    expect(two.start?.found).toBe(false);
  });

  it('keeps none of its builds in the history, which is for those of people, and is not asked for an ignore file on its own', async () => {
    const steps: string[] = [];
    await pushed(remote(base), (event) => event.is === 'step' && steps.push(event.name));
    expect(steps).toContain('[internal] load build context');
    expect(steps).not.toContain('[internal] load .dockerignore');
    const client = grpcClient(net.connect(daemon.address.replace('unix://', '')));
    const kept: Uint8Array[] = [];
    // Field 3: what there is now, and no more.
    const all = encodeField(3, 1);
    await client.listen('/moby.buildkit.v1.Control/ListenBuildHistory', all, (each) => kept.push(each), never);
    client.close();
    expect(kept).toEqual([]);
  });

  it('tells a build what it is to be told, and a cache goes to the registry and comes from there', async () => {
    const ref = `${repository}:cache`;
    const look = 'RUN cat /etc/hosts; df -k /dev/shm | tail -1; ulimit -n';
    const text = `${base.replace('COPY bin /bin', 'COPY bin /bin\nENV PATH=/bin')}\n${look}`;
    const options = {
      extraHosts: { 'db.example': '10.1.2.3' },
      ulimits: { nofile: { soft: 777, hard: 778 } },
      cacheTo: [{ type: 'registry', attributes: { ref, mode: 'max' } }],
    };
    const said: string[] = [];
    const hear = (event: RemoteEvent) => event.is === 'output' && said.push(event.text);
    await pushed(remote(text, { options, noCache: true }), hear);
    expect(said.join('')).toMatch(/10\.1\.2\.3\s+db\.example[\s\S]*\b777\b/);
    const again = { cacheFrom: [{ type: 'registry', attributes: { ref } }] };
    const steps: string[] = [];
    await pushed(remote(text, { options: again }), (event) => event.is === 'step' && steps.push(event.name));
    expect(steps.some((name) => name.includes(`importing cache manifest from ${ref}`))).toBe(true);
  });

  it('gives it directories beside the context by name, and fetches what stands at a URL', async () => {
    const { archive, close } = await served({ Dockerfile: `FROM scratch\nCOPY here /\n`, here: 'far away' });
    try {
      const context = contextOf({ here: 'beside' });
      const text = `${base}\nCOPY --from=lib here /a\nCOPY --from=context here /b\nRUN cat /a /b`;
      const said: string[] = [];
      const hear = (event: RemoteEvent) => event.is === 'output' && said.push(event.text);
      await pushed(remote(text, { directories: { lib: context, context: contextOf({ here: ' twice' }) } }), hear);
      expect(said.join('')).toBe('beside twice');
      const far = { remote: { url: archive, isOurs: false }, dockerfileText: '' };
      expect((await pushed(remote('', far))).digest).toMatch(/^sha256:/);
      const own = `${base.replace('COPY bin /bin', 'COPY --from=lib bin /bin')}\nCOPY here /h\nRUN cat /h`;
      const ours = { remote: { url: archive, isOurs: true }, directories: { lib: context } };
      await pushed(remote(own, ours), hear);
      expect(said.join('')).toContain('far away');
    } finally {
      close();
    }
  });

  it.each(['git', 'http'] as const)('fetches a branch and a directory of a repository over %s', async (by) => {
    const dir = tempProject();
    asRepository(dir);
    const { [by]: url } = await gitServed(dir, 'dev');
    const far = { remote: { url: `${url}#dev:web`, isOurs: false }, dockerfileText: '', noCache: true };
    const said: string[] = [];
    const hear = (event: RemoteEvent) => event.is === 'output' && said.push(event.text);
    await pushed(remote('', { ...far, options: { contexts: { lib: `${url}#dev:lib` } } }), hear);
    // Beside what git says of its own.
    expect(said.join('')).toContain('a branch beside it');
  });

  it('keeps its cache in a directory of this machine, from where another builder takes it', async () => {
    const dir = join(tempProject(), 'cache');
    const text = `${base}\nRUN echo made by ${process.pid}`;
    const local = (place: 'src' | 'dest', extra = {}) => [{ type: 'local', attributes: { [place]: dir, ...extra } }];
    await pushed(remote(text, { options: { cacheFrom: local('src'), cacheTo: local('dest', { mode: 'max' }) } }));
    expect(readdirSync(dir).sort()).toEqual(['blobs', 'index.json', 'ingest', 'oci-layout']);
    expect(readdirSync(join(dir, 'ingest'))).toEqual([]);
    const other = await buildkitd();
    try {
      const events: RemoteEvent[] = [];
      const build$ = kit
        .over(kit.at(other.address, null))
        .build(remote(text, { options: { cacheFrom: local('src') } }), never);
      await lastValueFrom(build$.pipe(tap((event) => events.push(event))));
      const states = events.flatMap((event) => (event.is === 'step' && /RUN echo/.test(event.name) ? event.state : []));
      expect(states).toContain('cached');
      expect(events.filter(({ is }) => is === 'output')).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('names the line of a step that failed, a push that was refused, and an address where nobody is', async () => {
    const failing = await problemOf(port.build(remote(`${base}\nRUN echo why; exit 7`), never));
    expect(failing).toMatchObject({ code: 'S210', at: { line: 4 }, logTail: ['why'] });
    expect(failing.what).toContain('exit code 7');
    const away = remote('FROM scratch\nCOPY bin/busybox /', { push: { name: 'localhost:1/x:1', insecure: false } });
    expect(await problemOf(port.build(away, never))).toMatchObject({ code: 'S222', kind: 'unavailable' });
    for (const address of ['unix:///nowhere.sock', 'tcp://127.0.0.1:1']) {
      const nobody = kit.over(kit.at(address, null));
      expect(await problemOf(nobody.build(away, never))).toMatchObject({ code: 'S208', kind: 'unavailable' });
    }
  });

  it('stops a build at the far end before it is over here, and says that one was lost with its daemon', async () => {
    const seconds = `8${process.pid}`;
    const sleeping = remote(`${base}\nRUN echo begun; sleep ${seconds}`, { noCache: true });
    const begun = (act: () => void) => tap((event: RemoteEvent) => event.is === 'output' && act());
    const stop = new AbortController();
    const cancelled = lastValueFrom(port.build(sleeping, stop.signal).pipe(begun(() => stop.abort())));
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    expect(isRunning(`sleep ${seconds}`)).toBe(false);
    const lost = problemOf(port.build(sleeping, never).pipe(begun(() => process.kill(daemon.pid, 'SIGKILL'))));
    expect(await lost).toMatchObject({ code: 'S209', kind: 'unavailable' });
  });
});
