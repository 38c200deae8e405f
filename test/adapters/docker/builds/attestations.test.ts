// What is said of an image beside it, and stages that are built each time: by Docker with its containerd store and by a BuildKit of
// one's own; by a Docker that cannot, told and done without.
import { randomBytes } from 'node:crypto';
import { lastValueFrom, tap } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createBuildkit } from '../../../../src/adapters/buildkit/index.ts';
import { fitted } from '../../../../src/adapters/docker/build/fitted.ts';
import { connectDocker } from '../../../../src/adapters/docker/index.ts';
import type { BuildOptions } from '../../../../src/model/builds/build-options.ts';
import type { BuilderPort, RemoteEvent } from '../../../../src/model/ports/builder.ts';
import type { BuildEvent, DockerPort } from '../../../../src/model/ports.ts';
import { cluster, docker } from '../../../support/capability.ts';
import { type Buildkitd, buildkitd, noBuildkitd } from '../../../support/docker/buildkitd.ts';
import { base, buildOf, removeLayers, seen } from './context.ts';

const never = new AbortController().signal;
const where = { env: process.env, home: '/nowhere' };
const unique = () => randomBytes(8).toString('hex');
const repository = `sluice-test/attests-${process.pid}`;

const accept = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json';
const got = async (path: string): Promise<unknown> =>
  (await fetch(`http://localhost:5000/v2/${repository}/${path}`, { headers: { accept } })).json();

interface Manifest {
  readonly manifests?: readonly { readonly digest: string; readonly annotations?: Record<string, string> }[];
  readonly layers?: readonly { readonly annotations?: Record<string, string> }[];
}

/** What is said of the image of this digest in the registry, by the kinds that in-toto has for it. */
async function saidOf(digest: string): Promise<readonly string[]> {
  const { manifests = [] } = (await got(`manifests/${digest}`)) as Manifest;
  const kinds: string[] = [];
  for (const each of manifests.filter(({ annotations = {} }) => annotations['vnd.docker.reference.type'])) {
    const { layers = [] } = (await got(`manifests/${each.digest}`)) as Manifest;
    kinds.push(...layers.map(({ annotations = {} }) => annotations['in-toto.io/predicate-type'] ?? ''));
  }
  return kinds.map((kind) => kind.replace(/^https:\/\/([a-z]+)\.dev.*$/, '$1')).sort();
}

/** In the words of BuildKit's protocol: a program that writes what it found where it is told to. */
const scanner = {
  text: `${base}\nCOPY scan /scan\nENTRYPOINT ["/bin/sh", "/scan"]\n`,
  files: {
    scan: `cat > $BUILDKIT_SCAN_DESTINATION/found.spdx.json <<END
{"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://spdx.dev/Document", "predicate": {}}
END
`,
  },
};

/** Two stages of one step each, the later one made from the earlier. */
const stages = (each: string): string => {
  const first = base.replace('FROM scratch', 'FROM scratch AS one');
  return `${first}\nRUN echo first ${each}\nFROM one AS two\nRUN echo second ${each}\n`;
};

const ranIn = (events: readonly (BuildEvent | RemoteEvent)[]): readonly string[] =>
  events.flatMap((event) =>
    event.is === 'step' && event.state === 'done' ? (/RUN echo (first|second)/.exec(event.name)?.slice(1) ?? []) : [],
  );

it('is done without where it is not known, and that is said', () => {
  const build = buildOf('FROM scratch\n', { options: { noCacheFilter: ['a'], attests: { provenance: '', sbom: '' } } });
  const classic = fitted({ isBuildkit: false, store: 'graphdriver' }, build);
  expect(classic).toMatchObject({ build: { noCache: true, options: {} }, warning: /provenance and sbom/ });
  expect(fitted({ isBuildkit: true, store: 'graphdriver' }, build).build.options).toEqual({ noCacheFilter: ['a'] });
  expect(fitted({ isBuildkit: true, store: 'containerd' }, build)).toEqual({ build, warning: null });
});

describe.skipIf(!docker || !cluster || noBuildkitd !== null)('an image of which more is said', () => {
  let daemon: Buildkitd;
  let kit: BuilderPort;
  let port: DockerPort;
  let isKept: boolean;
  const generator = `localhost:5000/${repository}:scanner`;
  beforeAll(async () => {
    daemon = await buildkitd();
    const buildkit = createBuildkit(where);
    kit = buildkit.over(buildkit.at(daemon.address, null));
    port = await connectDocker(where);
    isKept = (await port.info()).store === 'containerd';
    await lastValueFrom(
      kit.build(
        { ...buildOf(scanner.text, { files: scanner.files }), push: { name: generator, insecure: true }, look: null },
        never,
      ),
    );
  });
  afterAll(async () => {
    removeLayers();
    port.close();
    await daemon.close();
  });

  async function byKit(text: string, options: BuildOptions) {
    const events: RemoteEvent[] = [];
    const push = { name: `localhost:5000/${repository}:${unique()}`, insecure: true };
    const build = { ...buildOf(text, { options }), push, look: null };
    await lastValueFrom(kit.build(build, never).pipe(tap((event) => events.push(event))));
    const last = events.at(-1);
    return { events, digest: last?.is === 'pushed' ? last.digest : '' };
  }

  async function byDocker(text: string, options: BuildOptions) {
    const pushAs = `localhost:5000/${repository}:${unique()}`;
    onTestFinished(() => port.removeImage(pushAs));
    return seen(port.build(buildOf(text, { options, pushAs }), never));
  }

  const asked: BuildOptions = { attests: { provenance: 'mode=max', sbom: `generator=${generator}` } };

  it('has provenance and an inventory beside it by a BuildKit', async () => {
    const { digest } = await byKit('FROM scratch\nCOPY Dockerfile /\n', asked);
    expect(await saidOf(digest)).toEqual(['slsa', 'spdx']);
  });

  it('has them by Docker with its containerd store; with its own, that they are left out is said', async () => {
    const { output, id, events } = await byDocker(`FROM scratch\nCOPY Dockerfile /\n# ${unique()}\n`, asked);
    expect(id).toMatch(/^sha256:/);
    expect(/warning: provenance and sbom left out/.test(output)).toBe(!isKept);
    if (!isKept) return;
    const last = events.at(-1);
    expect(await saidOf(last?.is === 'built' ? (last.pushed ?? '') : '')).toEqual(['slsa', 'spdx']);
    // It can be looked into as any other.
    expect(await port.hasPath(id, '/Dockerfile', never)).toBe(true);
  });

  it.each(['Docker', 'a BuildKit'])('runs stages that no cache counts for again, and no others: %s', async (by) => {
    const text = stages(unique());
    const build = by === 'Docker' ? byDocker : byKit;
    const built = async (options: BuildOptions) => ranIn((await build(text, options)).events).toSorted();
    expect(await built({})).toEqual(['first', 'second']);
    expect(await built({})).toEqual([]);
    expect(await built({ noCacheFilter: ['two'] })).toEqual(['second']);
  });
});
