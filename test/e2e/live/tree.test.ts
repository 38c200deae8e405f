// After any sequence of saves in a real session, the tree in the container is the one a full build would have put there.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { kubectl } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { writeFiles } from '../../support/temp.ts';
import { directories, mutate, randomFrom, snapshot } from '../../update/live/tree.ts';
import { dockerRun, liveProject, podsOf } from './project.ts';

const run = promisify(execFile);
const seed = Number(process.env.SLUICE_TEST_SEED ?? 20260);
const rounds = 12;
const listing = `cd /www; find . ! -type d -exec stat -c '%n %A' {} + | sort; find . -type f -exec sha256sum {} + | sort; find . -type l -exec sh -c 'for l; do echo "$l -> $(readlink "$l")"; done' sh {} + | sort`;

const told = (files: ReadonlyMap<string, string>) => JSON.stringify([...files].sort());

describe.skipIf(!docker || !cluster)('a session of random saves', () => {
  it('ends with the tree of a full build in the container', async () => {
    const { dir, namespace, args } = await liveProject('tree');
    const www = join(dir, 'web/www');
    mkdirSync(join(www, 'deep/er'), { recursive: true });
    writeFiles(www, { a: 'a', 'deep/b': 'b', 'deep/er/c.js': 'c' });
    const session = drive(dir, args);
    await session.idle();
    const pods = await podsOf(namespace);
    const random = randomFrom(seed);
    const story: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const [before, seen] = [told(snapshot(www)), session.state.changes.seen];
      for (let step = 0; step <= random(3); step += 1) story.push(`${round}: ${mutate(www, random)}`);
      if (told(snapshot(www)) === before) continue;
      await session.until(({ changes, idle }) => changes.seen > seen && idle, `round ${round} of seed ${seed}`);
    }
    expect(session.resource('web').update.status).toBe('ok');
    expect(await podsOf(namespace), story.join('\n')).toEqual(pods);
    const image = `sluice-test-tree:${randomBytes(4).toString('hex')}`;
    onTestFinished(() => run('docker', ['rmi', '-f', image]).then(() => {}));
    await run('docker', ['build', '-q', '--force-rm', '-t', image, join(dir, 'web')], {
      env: { ...process.env, DOCKER_BUILDKIT: '0' },
    });
    const inPod = await kubectl('-n', namespace, 'exec', pods[0] as string, '--', 'sh', '-c', listing);
    expect(inPod, `seed ${seed}\n${story.join('\n')}`).toBe(await dockerRun(image, listing));
    expect(directories(www).length).toBeGreaterThan(0);
    await session.stop();
  });
});
