// One image of a directory, built by the real Docker into a registry and brought up to date by exchanging, without a cluster.
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { lastValueFrom, toArray } from 'rxjs';
import { createRegistry } from '../../../../src/adapters/registry/index.ts';
import type { ImageSpec } from '../../../../src/model/config.ts';
import type { DockerPort, KubePort, Ports } from '../../../../src/model/ports.ts';
import type { BuiltImage, Deployed, ImageWork, Outcome, RunEvent } from '../../../../src/model/run.ts';
import { BuiltInputs } from '../../../../src/update/image/exchange/built-inputs.ts';
import { exchangeStrategy } from '../../../../src/update/image/exchange/exchange.ts';
import { imageStrategy } from '../../../../src/update/image/image.ts';
import { createImageCache } from '../../../../src/update/image/known/known-images.ts';
import { type DockerfileBuild, dockerfileBuild } from '../../../support/docker/dockerfile-build.ts';
import { tempProject } from '../../../support/temp.ts';
import { imageName, imageOf, never, portsOf, workOf } from '../../real.ts';

export interface Session {
  readonly ports: Ports;
  /** A build; `anew`: with every step run again. */
  build(anew?: boolean): Promise<BuiltImage>;
  /** Why it was declined, else the image. `changed`: paths in the context. */
  exchange(last: BuiltImage, changed: readonly string[]): Promise<BuiltImage | string>;
  outcome(last: BuiltImage, changed: readonly string[]): Promise<Outcome>;
  /** What its runs said that they do. */
  readonly steps: readonly string[];
}

const deployed: Deployed = { objects: [], templates: [], namespace: 'default', alreadyDone: false, images: {} };

export function session(
  dir: string,
  docker: DockerPort,
  fields: {
    readonly build?: Partial<DockerfileBuild>;
    readonly spec?: Partial<ImageSpec>;
    readonly registry?: string;
    readonly env?: Record<string, string>;
  } = {},
): Session {
  const { registry = 'localhost:5000', env = process.env } = fields;
  const ref = imageName(`exchange-${randomBytes(2).toString('hex')}`);
  const kube = { info: { context: 'none' }, sharesDaemon: () => false } as unknown as KubePort;
  const ports: Ports = {
    ...portsOf({ docker, kube }),
    registry: async () => createRegistry({ env, home: homedir() }),
  };
  // Stopped in between, for all that an exchange knows.
  const withoutDocker: Ports = { ...ports, docker: () => Promise.reject(new Error('Docker is stopped')) };
  const cache = createImageCache(ports.disk, tempProject());
  const inputs = new BuiltInputs();
  const full = imageStrategy(() => cache, inputs);
  const quick = exchangeStrategy(() => cache, inputs);
  const image = imageOf(ref, dockerfileBuild(dir, fields.build), fields.spec);
  const work = (one: ImageWork, force = false) =>
    workOf('default', pod(ref), [one], {
      kubernetes: { context: null, allow: [], namespace: 'default', registry },
      half: 'build',
      cause: 'files',
      deployed,
      force,
    });
  const steps: string[] = [];
  const ended = async (events: ReturnType<typeof full.run>): Promise<Outcome> => {
    const all: readonly RunEvent[] = await lastValueFrom(events.pipe(toArray()));
    for (const event of all) if (event.is === 'step') steps.push(event.step);
    const last = all.at(-1);
    if (last?.is !== 'ended') throw new Error('the run did not end');
    return last.outcome;
  };
  const outcome = async (last: BuiltImage, changed: readonly string[]): Promise<Outcome> => {
    const files = changed.map((path) => ({ path: `${dir}/${path}`, kind: 'changed' as const, change: 2 }));
    const one = work({ ...image, last, files });
    const claim = quick.claim(one);
    return claim.take ? ended(quick.run(one, never, withoutDocker)) : { is: 'declined', because: claim.because };
  };
  return {
    ports,
    steps,
    outcome,
    build: async (anew = false) => imageIn(await ended(full.run(work(image, anew), never, ports))),
    exchange: async (last, changed) => {
      const end = await outcome(last, changed);
      return end.is === 'declined' ? end.because : imageIn(end);
    },
  };
}

/** What is used by nothing is pushed nowhere. */
const pod = (image: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: ${image}}]}\n`;

function imageIn(outcome: Outcome): BuiltImage {
  const [image] = outcome.is === 'ok' ? outcome.result.images : [];
  if (!image) throw new Error(JSON.stringify(outcome));
  return image;
}
