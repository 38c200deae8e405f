// Builds, by whom and how: what a save costs over the same by hand: exchanged in the registry, in Docker and in the cluster, and what of it is the kubelet's;
// one solve over a build and a push; ten images side by side. Ratios are of runs taken in turns.
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lastValueFrom } from 'rxjs';
import { beforeAll, describe, it } from 'vitest';
import { connectDocker } from '../../src/adapters/docker/index.ts';
import type { DockerBuild } from '../../src/model/ports.ts';
import { buildOf } from '../adapters/docker/builds/context.ts';
import { clusterProject, workload } from '../e2e/cluster/project.ts';
import { cluster, docker } from '../support/capability.ts';
import { kubectl } from '../support/cluster/cluster.ts';
import { builderImage } from '../support/docker/builder-image.ts';
import { noBuildkitd } from '../support/docker/buildkitd.ts';
import { engine } from '../support/docker/engine-programs.ts';
import { busyboxImage } from '../support/docker/images.ts';
import { drive } from '../support/drive.ts';
import { sluice } from '../support/sluice.ts';
import { writeFiles } from '../support/temp.ts';
import { breathe, figure, median, timed } from './figure.ts';
import { shows } from './shows.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const ROUNDS = 8;
const bases = 'localhost:5000/sluice-test/busybox:1';

/** As test/e2e/cluster/project.ts has it, from a base that every builder can pull. */
const dockerfile = `FROM ${bases}\nCOPY www /www\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n`;

/**
 * A project that a session keeps live; `save` resolves once the session says that what it writes is live: by the rules of
 * `kubectl rollout status`, which ends the same by hand. Asked over and over what it serves, a pod starts far later on two cores.
 */
async function kept(story: string, image = '') {
  const { dir, url, args } = await clusterProject(story, { image });
  writeFiles(dir, { 'web/Dockerfile': dockerfile });
  const session = drive(dir, ['--no-logs', ...args]);
  await session.idle();
  const save = async (text: string): Promise<number> => {
    const { seen } = session.state.changes;
    const took = await timed(async () => {
      writeFileSync(join(dir, 'web/www/index.html'), text);
      await session.until(({ changes }) => changes.live > seen, 'the save is live');
    });
    await shows(url, text);
    await session.idle();
    return took;
  };
  return { session, save };
}

/** What a person types for the same. */
async function byHand() {
  const { dir, namespace } = await clusterProject('hand');
  const image = `localhost:5000/sluice-test/hand-${randomBytes(3).toString('hex')}`;
  writeFiles(dir, { 'web/Dockerfile': dockerfile, 'own.yaml': workload('web', `${image}:0`) });
  const build = (tag: string) =>
    run(engine('buildx'), ['build', '-q', '--builder', 'default', '--push', '-t', tag, join(dir, 'web')]);
  await build(`${image}:0`);
  await kubectl('-n', namespace, 'apply', '-f', join(dir, 'own.yaml'));
  const rolledOut = () => kubectl('-n', namespace, 'rollout', 'status', 'deployment/web');
  await rolledOut();
  const set = (round: number) => kubectl('-n', namespace, 'set', 'image', 'deployment/web', `web=${image}:${round}`);
  return {
    save: (text: string, round: number): Promise<number> =>
      timed(async () => {
        writeFileSync(join(dir, 'web/www/index.html'), text);
        await build(`${image}:${round}`);
        await set(round);
        await rolledOut();
      }),
    /** From the change of the Deployment on, with an image that the node has: nobody can be quicker. */
    again: async (round: number): Promise<number> => {
      await set(round);
      return timed(rolledOut);
    },
  };
}

describe.skipIf(!docker || !cluster || noBuildkitd !== null)('builds', () => {
  beforeAll(async () => {
    await run('docker', ['tag', await busyboxImage(), bases]);
    await run('docker', ['push', '-q', bases]);
  });

  it('a save by exchange, through Docker, through a BuildKit in the cluster, and by hand', async () => {
    const exchanging = await kept('exchange');
    // The same files, always built.
    const inDocker = await kept('docker', '    exchange: false');
    const own = `{image: "${await builderImage()}", hostNetwork: true}`;
    const inCluster = await kept('pod', `    builder: {cluster: ${own}}\n    exchange: false`);
    const hand = await byHand();
    const [exchanged, docker, pod, typed, least]: number[][] & { length: 5 } = [[], [], [], [], []];
    for (let round = 1; round <= ROUNDS; round += 1) {
      await breathe();
      exchanged.push(await exchanging.save(`exchange ${round}.`));
      await breathe();
      docker.push(await inDocker.save(`docker ${round}.`));
      await breathe();
      pod.push(await inCluster.save(`pod ${round}.`));
      await breathe();
      typed.push(await hand.save(`hand ${round}.`, round));
      await breathe();
      least.push(await hand.again(round - 1));
    }
    await exchanging.session.stop();
    await inDocker.session.stop();
    await inCluster.session.stop();
    const floor = median(least);
    figure('save → new pod, by exchange', 'ms', exchanged, null);
    figure('save → new pod, by Docker', 'ms', docker, null);
    figure('save → new pod, by a BuildKit in the cluster', 'ms', pod, null);
    figure('by hand: buildx build --push, set image, rollout status', 'ms', typed, null);
    figure("of these the cluster's: a rollout of an image that the node has", 'ms', least, null);
    figure('save → new pod, by exchange over the same by hand', '×', [median(exchanged) / median(typed)], 0.8);
    figure('save → new pod, by Docker over the same by hand', '×', [median(docker) / median(typed)], 0.8);
    const beyond = (values: readonly number[]): number => median(values) - floor;
    figure("the same without the cluster's share", '×', [beyond(docker) / beyond(typed)], 0.8);
    figure('by a BuildKit in the cluster over the same by hand', '×', [median(pod) / median(typed)], 0.8);
    figure("the same without the cluster's share", '×', [beyond(pod) / beyond(typed)], 0.8);
    figure('by a BuildKit in the cluster over that by Docker', '×', [median(pod) / median(docker)], 0.8);
  });

  it('one solve that pushes, and a build with a push after it', async () => {
    const port = await connectDocker({ env: process.env, home: '/nowhere' });
    try {
      const name = `localhost:5000/sluice-test/solve-${randomBytes(3).toString('hex')}`;
      const text = `FROM ${bases}\nCOPY page /www/index.html\n`;
      // Of its own content each: what one has built and pushed would be there for the other.
      const build = (page: string): DockerBuild => {
        const whole = buildOf(text, { files: { page } });
        const hash = createHash('sha256').update(page).digest('hex');
        const entries = whole.context.entries.flatMap((each) => (each.path === 'page' ? [{ ...each, hash }] : []));
        return { ...whole, context: { ...whole.context, entries, isNamedByDockerfile: true } };
      };
      const [one, two]: [number[], number[]] = [[], []];
      for (let round = 0; round <= ROUNDS; round += 1) {
        const together = await timed(() =>
          lastValueFrom(port.build({ ...build(`${name} one ${round}`), pushAs: `${name}:one` }, never)),
        );
        const apart = await timed(async () => {
          const built = await lastValueFrom(port.build(build(`${name} two ${round}`), never));
          if (built.is === 'built') await port.tag(built.id, `${name}:two`);
          await lastValueFrom(port.push(`${name}:two`, never));
        });
        // The first has the base to fetch.
        if (round > 0) [one.push(together), two.push(apart)];
      }
      await port.removeImage(`${name}:one`);
      await port.removeImage(`${name}:two`);
      figure('build and push in one solve', 'ms', one, null);
      figure('build, then push', 'ms', two, null);
      figure('one solve over build, then push', '×', [median(one) / median(two)], 0.8);
    } finally {
      port.close();
    }
  });

  it('ten images of three seconds, five at once and one after another', async () => {
    const { dir, image, args, config } = await clusterProject('ten-images');
    const numbers = Array.from({ length: 10 }, (_, i) => i);
    const [head = '', ...rest] = config().split('kubernetes:');
    const images = numbers.map((i) => `  ${image}-${i}: {context: ./i${i}}\n`).join('');
    const page = () => randomBytes(8).toString('hex');
    for (const i of numbers) {
      const none = workload(`w${i}`, `${image}-${i}`).replace('spec:\n', 'spec:\n  replicas: 0\n');
      const text = `FROM ${bases}\nCOPY page /page\nRUN sleep 3\n`;
      writeFiles(dir, { [`i${i}/Dockerfile`]: text, [`k8s/w${i}.yaml`]: none });
    }
    const cold = async (parallel: number): Promise<void> => {
      const settings = `settings: {parallel: ${parallel}}\n`;
      writeFiles(dir, { 'sluice.yaml': `${head}${images}kubernetes:${rest.join('kubernetes:')}${settings}` });
      for (const i of numbers) writeFiles(dir, { [`i${i}/page`]: page() });
      const { code, stdout, stderr } = await sluice(dir, ['up', '--once', '--plain', ...args]);
      if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
    };
    const [five, single]: [number[], number[]] = [[], []];
    await cold(5);
    for (let round = 0; round < 2; round += 1) {
      five.push(await timed(() => cold(5)));
      single.push(await timed(() => cold(1)));
    }
    figure('cold up of ten images of 3 s builds, parallel: 5', 'ms', five, null);
    figure('the same one after another', 'ms', single, null);
    figure('five at once over one after another', '×', [median(five) / median(single)], 0.35);
  });
});
