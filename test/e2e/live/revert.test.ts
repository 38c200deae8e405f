// Files put back to what the image holds, while no session runs: containers of the last session must not keep the others.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { drive } from '../../support/drive.ts';
import { allHold, liveProject, podsOf } from './project.ts';

const index = '/www/index.html';

describe.skipIf(!docker || !cluster)('a file put back while no session runs', () => {
  it('is what runs after the next start, and an untouched workload is left alone', async () => {
    const { dir, namespace, args } = await liveProject('revert');
    const first = drive(dir, args);
    await first.idle();
    const pods = await podsOf(namespace);
    await first.save('web/www/index.html', 'in place');
    expect(await allHold(namespace, 1, index, 'in place')).toEqual(pods);
    await first.stop();

    writeFileSync(join(dir, 'web/www/index.html'), 'first page');
    const second = drive(dir, args);
    await second.idle();
    const anew = await allHold(namespace, 1, index, 'first page');
    expect(anew).not.toEqual(pods);
    await second.stop();

    const third = drive(dir, args);
    expect((await third.idle()).resources.web?.update.strategy).toBe('unchanged');
    expect(await podsOf(namespace)).toEqual(anew);
    await third.stop();
  });
});
