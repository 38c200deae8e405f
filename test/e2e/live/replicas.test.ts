// Every container of a workload holds what was saved: all replicas, new ones, and those that were started anew.
import { describe, expect, it } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { kubectl } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { writeFiles } from '../../support/temp.ts';
import { allHold, killContainer, liveProject, podsOf } from './project.ts';

const index = '/www/index.html';

describe.skipIf(!docker || !cluster)('a save in place', () => {
  it('reaches three replicas, one added later, and one whose process was killed', async () => {
    const { dir, namespace, args } = await liveProject('replicas', { replicas: 3 });
    const session = drive(dir, args);
    await session.idle();
    const pods = await podsOf(namespace);
    const state = await session.save('web/www/index.html', 'in place');
    expect(state.resources.web?.update.strategy).toBe('synclet');
    expect(await allHold(namespace, 3, index, 'in place')).toEqual(pods);

    await kubectl('-n', namespace, 'scale', 'deployment/web', '--replicas=4');
    await allHold(namespace, 4, index, 'in place');

    await killContainer(namespace, pods[0] as string);
    await session.until((now) => (now.resources.web?.runtime.restarts ?? 0) > 0, 'the restart is seen');
    expect(await allHold(namespace, 4, index, 'in place')).toEqual(expect.arrayContaining([...pods]));
    const after = await session.idle();
    expect(after.resources.web?.update.why.join(' ')).toContain('started anew');
    expect(after.changes.live).toBe(after.changes.seen);
    await session.stop();
  });

  it('comes along once into each container of a rule that asks for all files at first', async () => {
    const { dir, namespace, args, config } = await liveProject('initial');
    writeFiles(dir, {
      'sluice.yaml': config({
        image:
          '    live:\n      - sync: {from: ./web/www, to: /www, initial: true}\n      - run: {cmd: "echo x >>/ran"}',
      }),
    });
    const session = drive(dir, args);
    await session.idle();
    const [pod = ''] = await allHold(namespace, 1, '/ran', 'x\n');
    await session.save('web/www/index.html', 'second');
    await allHold(namespace, 1, '/ran', 'x\nx\n');
    await killContainer(namespace, pod);
    await session.until((now) => (now.resources.web?.runtime.restarts ?? 0) > 0, 'the restart is seen');
    await allHold(namespace, 1, '/ran', 'x\n');
    await allHold(namespace, 1, index, 'second');
    await session.stop();
  });
});
