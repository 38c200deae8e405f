// BuildKits at every kind of address: in a container, in a pod, and behind TLS. Each builds, pushes, and ends what is stopped.
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBuildkit } from '../../../src/adapters/buildkit/index.ts';
import type { TlsFiles } from '../../../src/model/builds/builder.ts';
import type { RemoteEvent } from '../../../src/model/ports/builder.ts';
import type { Ports } from '../../../src/model/ports.ts';
import { wayOf } from '../../../src/update/image/builder/choice.ts';
import { base, buildOf } from '../../adapters/docker/builds/context.ts';
import { cluster, docker as hasDocker } from '../../support/capability.ts';
import { kubectl, namespace } from '../../support/cluster/cluster.ts';
import { builderImage } from '../../support/docker/builder-image.ts';
import { noBuildkitd } from '../../support/docker/buildkitd.ts';
import { eventually, processesWith } from '../../support/facts.ts';
import { certificates } from '../../support/servers/certificates.ts';
import { tempProject } from '../../support/temp.ts';
import { docker, never, portsOf, realDocker, realKube } from '../real.ts';

const name = `sluice-test-far-${process.pid}`;
const port = 20_000 + (process.pid % 10_000);
const flags = ['--oci-worker-net', 'host', '--oci-worker-snapshotter=native', '--containerd-worker=false'];
const socket = 'unix:///run/buildkit/buildkitd.sock';

describe.skipIf(noBuildkitd !== null || !hasDocker || !cluster)('a builder', () => {
  const pki = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  let tag: string;
  beforeAll(async () => {
    tag = await builderImage();
    // One for the builder, one for us.
    certificates(pki, 'DNS:builder.test', 'server', 'client');
    const tls = ['--tlscacert', '/pki/ca.crt', '--tlscert', '/pki/server.crt', '--tlskey', '/pki/server.key'];
    const own = ['--privileged', '--network', 'host', '-v', '/var/lib/buildkit', '-v', `${pki}:/pki:ro`];
    await docker(
      'run',
      '-d',
      '--rm',
      '--name',
      name,
      ...own,
      tag,
      ...flags,
      '--addr',
      socket,
      '--addr',
      `tcp://127.0.0.1:${port}`,
      ...tls,
    );
  });
  afterAll(async () => {
    await docker('rm', '-f', '-v', name).catch(() => '');
    rmSync(pki, { recursive: true, force: true });
  });

  const files = (over: Partial<TlsFiles> = {}): TlsFiles => ({
    ca: `${pki}/ca.crt`,
    cert: `${pki}/client.crt`,
    key: `${pki}/client.key`,
    servername: 'builder.test',
    ...over,
  });

  const builderAt = async (address: string, tls: TlsFiles | null, ports: Pick<Ports, 'docker' | 'kube'>) => {
    const kit = createBuildkit({ env: process.env, home: homedir() });
    return kit.over(
      await wayOf({ is: 'buildkit', address, tls, called: address }, { ...ports, buildkit: async () => kit }),
    );
  };

  it.each(['a container', 'a port with TLS', 'a pod'])(
    'in %s builds and pushes, and a stopped build is dead before it is over here',
    async (place) => {
      const ports = portsOf({ docker: await realDocker(), kube: await realKube() });
      const address =
        place === 'a container'
          ? `docker-container://${name}`
          : place === 'a pod'
            ? await pod()
            : `tcp://127.0.0.1:${port}`;
      const builder = await builderAt(address, place === 'a port with TLS' ? files() : null, ports);
      await eventually(async () => builder.info(never).catch(() => null), 'the builder answers');
      const remote = (dockerfile: string) => ({
        ...buildOf(dockerfile, { noCache: true }),
        push: { name: `localhost:5000/sluice-test/far-${process.pid}:1`, insecure: false },
        look: null,
      });
      const last = await lastValueFrom(builder.build(remote(`${base}\nRUN echo by`), never));
      expect(last).toMatchObject({ is: 'pushed', digest: expect.stringMatching(/^sha256:/) });
      const mark = `sleep ${1_000_000 + Math.floor(Math.random() * 1_000_000)}`;
      const stop = new AbortController();
      const hear = tap((event: RemoteEvent) => event.is === 'output' && stop.abort());
      const stopped = lastValueFrom(builder.build(remote(`${base}\nRUN echo begun; ${mark}`), stop.signal).pipe(hear));
      await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
      expect(processesWith(mark)).toEqual([]);
    },
  );

  it('behind TLS takes nobody without a certificate, and is not taken for another', async () => {
    const ports = portsOf({});
    const told = async (tls: TlsFiles | null) =>
      (await builderAt(`tcp://127.0.0.1:${port}`, tls, ports)).info(never).then(
        () => 'it answers',
        (error: { problem?: { code: string } }) => error.problem?.code,
      );
    expect(await told(files())).toBe('it answers');
    for (const tls of [
      null,
      files({ cert: null, key: null }),
      files({ servername: 'other.test' }),
      files({ ca: null }),
    ])
      expect(['S208', 'S209']).toContain(await told(tls));
    expect(await told(files({ ca: `${pki}/nothing` }))).toBe('S208');
  });

  /** In a namespace of its own; its address. */
  async function pod(): Promise<string> {
    const space = await namespace('far');
    const container = {
      name: 'buildkitd',
      image: tag,
      args: [...flags, '--addr', socket],
      securityContext: { privileged: true },
    };
    const volume = { name: 'cache', emptyDir: {} };
    const mounted = { ...container, volumeMounts: [{ name: 'cache', mountPath: '/var/lib/buildkit' }] };
    const spec = { hostNetwork: true, containers: [mounted], volumes: [volume], terminationGracePeriodSeconds: 1 };
    const dir = tempProject({
      'pod.json': JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'builder', namespace: space },
        spec,
      }),
    });
    await kubectl('apply', '-f', join(dir, 'pod.json'));
    await kubectl('-n', space, 'wait', 'pod/builder', '--for=condition=Ready', '--timeout=60s');
    return `kube-pod://builder?namespace=${space}`;
  }
});
