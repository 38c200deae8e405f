// The full image path beside the same work by hand, ten unchanged resources, and an idle session on a cluster.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { clusterProject, workload } from '../e2e/cluster/project.ts';
import { cluster, docker } from '../support/capability.ts';
import { kubectl } from '../support/cluster/cluster.ts';
import { drive } from '../support/drive.ts';
import { sluice } from '../support/sluice.ts';
import { writeFiles } from '../support/temp.ts';
import { breathe, figure, median, timed, usage } from './figure.ts';
import { shows } from './shows.ts';

const run = promisify(execFile);

/** A workload that nothing runs of, with the objects it reads. */
const asleep = (index: number, image: string): string => {
  const names = Array.from({ length: index < 101 ? 3 : 2 }, (_, i) => `c${index}-${i}`);
  const maps = names.map(
    (name) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: "${index}"}\n`,
  );
  const read = `          envFrom: [${names.map((name) => `{configMapRef: {name: ${name}}}`).join(', ')}]`;
  const none = workload(`w${index}`, image, read).replace('spec:\n', 'spec:\n  replicas: 0\n');
  return [...maps, none].join('---\n');
};

describe.skipIf(!docker || !cluster)('on the test cluster', () => {
  it('a save through the full image path, beside the same by hand', async () => {
    const project = await clusterProject('image');
    const { dir, namespace, url, args } = project;
    const session = drive(dir, ['--no-logs', ...args]);
    await session.idle();
    const [ours, byHand]: [number[], number[]] = [[], []];
    for (let round = 0; round < 8; round += 1) {
      await breathe();
      ours.push(
        await timed(async () => {
          writeFileSync(join(dir, 'web/www/index.html'), `ours ${round}.`);
          await shows(url, `ours ${round}.`);
        }),
      );
      await session.idle();
    }
    await session.stop();

    const image = `localhost:5000/${project.image.replace('/', '_')}`;
    for (let round = 0; round < 8; round += 1) {
      await breathe();
      byHand.push(
        await timed(async () => {
          writeFileSync(join(dir, 'web/www/index.html'), `by hand ${round}.`);
          const tagged = `${image}:hand-${round}`;
          await run('docker', ['build', '-q', '-t', tagged, join(dir, 'web')]);
          await run('docker', ['push', '-q', tagged]);
          await kubectl('-n', namespace, 'set', 'image', 'deployment/web', `web=${tagged}`);
          await kubectl('-n', namespace, 'rollout', 'status', 'deployment/web');
        }),
      );
    }
    figure('save → served, full image path', 'ms', ours, null);
    figure('the same by hand: build, push, set image, rollout status', 'ms', byHand, null);
    figure('full image path over the same by hand', '×', [median(ours) / median(byHand)], 1);
  });

  it('300 resources of 1,000 objects: warm start', async () => {
    const { dir, image, args } = await clusterProject('crowd');
    for (let index = 0; index < 299; index += 1) writeFiles(dir, { [`k8s/w${index}.yaml`]: asleep(index, image) });
    const up = async () => {
      const { code } = await sluice(dir, ['up', '--once', '--plain', ...args], { deadlineMs: 240_000 });
      expect(code).toBe(0);
    };
    const cold = await timed(up);
    const [warm, listed]: [number[], number[]] = [[], []];
    for (let round = 0; round < 3; round += 1) {
      warm.push(await timed(up));
      const session = drive(dir, ['--no-logs', ...args]);
      listed.push(await timed(() => session.idle()));
      await session.stop();
    }
    figure('up --once, 300 resources of 1,000 objects, from nothing', 'ms', [cold], null);
    figure('up --once, 300 resources of 1,000 objects, nothing changed', 'ms', warm, 2_500);
    figure('up, 300 resources of 1,000 objects: start to idle', 'ms', listed, 3_000);
  });

  it('ten resources: warm start and idle', async () => {
    const { dir, image, args } = await clusterProject('ten');
    for (let index = 0; index < 9; index += 1)
      writeFiles(dir, { [`k8s/w${index}.yaml`]: workload(`w${index}`, image) });
    await sluice(dir, ['up', '--once', '--plain', ...args]);
    const warm: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      warm.push(await timed(async () => void (await sluice(dir, ['up', '--once', '--plain', ...args]))));
    }
    figure('up --once, ten resources, nothing changed', 'ms', warm, 1_500);

    const session = drive(dir, args);
    await session.idle();
    // V8 collects the garbage of the start once, the later the less is done: after 10 s, after 100 s. The median of many spans is
    // what idling costs; all of them together have that in it as well.
    const spans: number[] = [];
    for (let span = 0; span < 7; span += 1) {
      const before = usage(session.pid);
      await pause(20_000);
      spans.push((usage(session.pid).cpu - before.cpu) / 0.2);
    }
    figure('idle CPU of up, ten resources: 20 s', '%', spans, 0.5);
    const all = spans.reduce((sum, span) => sum + span) / spans.length;
    figure('idle CPU of up, ten resources: the first 140 s', '%', [all], null);
    figure('idle memory of up, ten resources', 'MiB', [usage(session.pid).rss], 150);
    await session.stop();
  });
});
