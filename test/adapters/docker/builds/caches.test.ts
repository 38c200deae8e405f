// Build caches between two builders, Docker and a BuildKit of its own: each is empty of what the other alone has built.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createBuildkit } from '../../../../src/adapters/buildkit/index.ts';
import { connectDocker } from '../../../../src/adapters/docker/index.ts';
import type { BuildOptions, CacheEntry } from '../../../../src/model/builds/build-options.ts';
import type { BuilderPort, RemoteEvent } from '../../../../src/model/ports/builder.ts';
import type { BuildEvent, DockerPort } from '../../../../src/model/ports.ts';
import { cluster, docker } from '../../../support/capability.ts';
import { type Buildkitd, buildkitd, noBuildkitd } from '../../../support/docker/buildkitd.ts';
import { tempProject } from '../../../support/temp.ts';
import { base, buildOf, problemFrom, seen } from './context.ts';

const never = new AbortController().signal;
const where = { env: process.env, home: '/nowhere' };
const repository = `localhost:5000/sluice-test/caches-${process.pid}`;

/** Of the step that says something: did it come from a cache, and what did it say? */
function ran(events: readonly (BuildEvent | RemoteEvent)[]) {
  const isCached = events.some(
    (event) => event.is === 'step' && event.state === 'cached' && event.name.includes('RUN echo'),
  );
  const output = events.map((event) => (event.is === 'output' ? event.text : '')).join('');
  return { isCached, output };
}

// The registry is the test cluster's.
describe.skipIf(!docker || !cluster || noBuildkitd !== null)('a build cache', () => {
  let daemon: Buildkitd;
  let kit: BuilderPort;
  let port: DockerPort;
  beforeAll(async () => {
    daemon = await buildkitd();
    const buildkit = createBuildkit(where);
    kit = buildkit.over(buildkit.at(daemon.address, null));
    port = await connectDocker(where);
  });
  afterAll(async () => {
    port.close();
    await daemon.close();
  });

  const text = (step: string): string => `${base}\nRUN echo ${step}`;

  async function byKit(step: string, options: BuildOptions) {
    const events: RemoteEvent[] = [];
    const push = { name: `${repository}:${step}`, insecure: false };
    const build = { ...buildOf(text(step), { options }), push, look: null };
    await lastValueFrom(kit.build(build, never).pipe(tap((event) => events.push(event))));
    return ran(events);
  }

  const tagOf = (step: string): string => `${repository}:${step}-by-docker`;

  async function byDocker(step: string, options: BuildOptions) {
    const tag = tagOf(step);
    const { events } = await seen(port.build(buildOf(text(step), { options, tags: [tag] }), never));
    onTestFinished(() => port.removeImage(tag));
    return ran(events);
  }

  /** Where it is written to and read from. */
  function at(type: string, step: string): { readonly to: CacheEntry; readonly from: CacheEntry } {
    const ref = `${repository}-kept:${step}`;
    if (type === 'registry') {
      const registry = { type, attributes: { ref } };
      return { to: { type, attributes: { ref, mode: 'max' } }, from: registry };
    }
    if (type === 'inline') {
      const from = { type: 'registry', attributes: { ref: tagOf(step) } };
      return { to: { type, attributes: {} }, from };
    }
    const dir = join(tempProject(), 'cache');
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    return { to: { type, attributes: { dest: dir, mode: 'max' } }, from: { type, attributes: { src: dir } } };
  }

  it.each(['registry', 'local'])('of type %s that a BuildKit wrote saves Docker the step', async (type) => {
    const step = `kit-${type}-${process.pid}`;
    const { to, from } = at(type, step);
    expect((await byKit(step, { cacheTo: [to] })).output).toContain(step);
    expect(await byDocker(step, { cacheFrom: [from] })).toEqual({ isCached: true, output: '' });
  });

  it.each(['registry', 'local', 'inline'])(
    'of type %s that Docker wrote saves a BuildKit the step, or Docker says that it cannot write it',
    async (type) => {
      const step = `docker-${type}-${process.pid}`;
      const { to, from } = at(type, step);
      if (type !== 'inline' && (await port.info()).store === 'graphdriver') {
        const refused = await problemFrom(seen(port.build(buildOf(text(step), { options: { cacheTo: [to] } }), never)));
        expect(refused).toMatchObject({ code: 'S265', kind: 'yours', what: expect.stringContaining(`type=${type}`) });
        expect(refused.hint).toContain('containerd-snapshotter');
        return;
      }
      expect((await byDocker(step, { cacheTo: [to] })).output).toContain(step);
      if (type === 'inline') await lastValueFrom(port.push(tagOf(step), never));
      expect(await byKit(step, { cacheFrom: [from] })).toEqual({ isCached: true, output: '' });
    },
  );
});
