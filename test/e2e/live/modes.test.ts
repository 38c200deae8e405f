// `--update-mode`: each way of bringing a save in, forced.
import { describe, expect, it } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { kubectl } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { eventually, page } from '../../support/facts.ts';
import { sluice } from '../../support/sluice.ts';
import { liveProject, podsOf } from './project.ts';

/** Processes of ours in a pod. */
async function helpersIn(namespace: string, pod: string): Promise<number> {
  const all = await kubectl(
    '-n',
    namespace,
    'exec',
    pod,
    '--',
    'sh',
    '-c',
    'cat /proc/[0-9]*/cmdline 2>/dev/null; true',
  );
  return new Set(all.match(/sluice-[0-9a-f]{8}-[0-9a-f-]{27}/g)).size;
}

describe.skipIf(!docker || !cluster)('a helper', () => {
  it('waits in the container before the first save, and is gone with the session', async () => {
    const { dir, namespace, args } = await liveProject('helper');
    const session = drive(dir, args);
    await session.idle();
    const [pod = ''] = await podsOf(namespace);
    const counted = (count: number) => async () => ((await helpersIn(namespace, pod)) === count ? true : null);
    await eventually(counted(1), 'one helper waits');
    await session.save('web/www/index.html', 'saved');
    expect(await helpersIn(namespace, pod)).toBe(1);
    await session.stop();
    await eventually(counted(0), 'no helper is left');
  });
});

describe.skipIf(!docker || !cluster)('--update-mode', () => {
  it.each([
    ['synclet', 'synclet', true],
    ['exec', 'exec', true],
    ['image', 'image from the existing one', false],
    ['naive', 'full build', false],
  ])('%s brings a save in by %s', async (mode, strategy, isInPlace) => {
    const { dir, namespace, url, args } = await liveProject(mode);
    const session = drive(dir, ['--update-mode', mode, ...args]);
    await session.idle();
    const pods = await podsOf(namespace);
    const state = await session.save('web/www/index.html', `by ${mode}`);
    expect(state.resources.web?.update).toMatchObject({ status: 'ok', strategy });
    const why = state.resources.web?.update.why.join('\n') ?? '';
    expect(/^in place: sync at sluice\.yaml:\d+$/m.test(why)).toBe(isInPlace);
    expect(await page(url)).toBe(`by ${mode}`);
    expect((await podsOf(namespace)).join() === pods.join()).toBe(isInPlace);
    await session.stop();
  });

  it('container is refused at once where Docker does not run the containers, and says why', async () => {
    const { dir, namespace, args } = await liveProject('refused');
    const { code, stderr } = await sluice(dir, ['up', '--plain', '--update-mode', 'container', ...args]);
    expect(stderr).toMatch(/does not run its containers by your Docker daemon[\s\S]*hint: /);
    expect(code).toBe(2);
    expect(await podsOf(namespace)).toEqual([]);
  });
});
