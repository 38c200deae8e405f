// What an update in place puts into a container is as a build would have left it: owners, modes, directories, links.
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { kubectl } from '../../support/cluster/cluster.ts';
import { drive } from '../../support/drive.ts';
import { writeFiles } from '../../support/temp.ts';
import { clusterProject, workload } from '../cluster/project.ts';
import { podsOf } from './project.ts';

/** Without the owners of links, which grant nothing: busybox tar leaves them to root. */
const listing =
  'cd /app/src; find . | sort | while read -r f; do stat -c "%n %A %u:%g" "$f"; done | sed "/lrwx/s/ [0-9:]*$//"';

describe.skipIf(!docker || !cluster)('a session over files that a build gave to somebody', () => {
  it('keeps their owners and modes, carries directories, and writes through links of the container', async () => {
    const image =
      '    live:\n      - sync: {from: ./web/src, to: /app/src}\n      - sync: {from: ./web/data, to: /srv}\n';
    const { dir, namespace, args, image: name } = await clusterProject('as-built', { image });
    // The program is another user than the shell that writes, and makes a link to where it keeps its data.
    writeFiles(dir, {
      'k8s/web.yaml': workload('web', name),
      'web/Dockerfile': `FROM sluice-test/busybox:1
COPY --chown=1000:1001 src /app/src
RUN mkdir -p /srv /etc && echo 'app:x:2000:2001::/:' >>/etc/passwd
COPY --chown=app --chmod=0640 data /srv
RUN chmod 755 /app/src/tool.sh && mkdir -p /www && echo ok >/www/index.html
CMD ["sh", "-c", "mkdir -p /data && echo precious >/data/user.bin && ln -s /data /app/src/uploads; exec httpd -f -p 8080 -h /www"]
`,
      'web/src/tool.sh': 'one',
      'web/src/conf': 'one',
      'web/data/a': 'one',
      'web/src/old/a': 'one',
      'web/src/remoded/a': 'one',
    });
    const src = join(dir, 'web/src');
    chmodSync(join(src, 'tool.sh'), 0o644);
    symlinkSync('conf', join(src, 'was-link'));
    symlinkSync('tool.sh', join(src, 'was-tool'));
    const session = drive(dir, args);
    await session.idle();
    const pods = await podsOf(namespace);
    const [pod] = pods as [string];
    const list = async () =>
      (await kubectl('-n', namespace, 'exec', pod, '--', 'sh', '-c', listing)).trim().split('\n');
    expect(await list()).toContain('./tool.sh -rwxr-xr-x 1000:1001');

    rmSync(join(src, 'was-link'));
    rmSync(join(src, 'was-tool'));
    rmSync(join(src, 'old'), { recursive: true });
    mkdirSync(join(src, 'empty/deep'), { recursive: true });
    mkdirSync(join(src, 'open'));
    chmodSync(join(src, 'open'), 0o777);
    chmodSync(join(src, 'remoded'), 0o700);
    symlinkSync('/app/src/conf', join(src, 'current'));
    writeFiles(src, {
      'tool.sh': 'two',
      conf: 'two',
      new: 'two',
      'uploads/readme': 'hello',
      'was-link/a': 'two',
      'was-tool': 'two',
    });
    writeFiles(join(dir, 'web/data'), { new: 'two' });
    await session.until(({ changes, idle }) => changes.seen > 0 && idle, 'the saves are taken in');
    const seen = session.state.changes.seen;
    chmodSync(join(src, 'conf'), 0o600);
    await session.until(({ changes, idle }) => changes.seen > seen && idle, 'the mode is taken in');

    expect(await podsOf(namespace)).toEqual(pods);
    expect(await list()).toEqual([
      '. drwxr-xr-x 1000:1001',
      './conf -rw------- 1000:1001',
      './current lrwxrwxrwx',
      './empty drwxr-xr-x 1000:1001',
      './empty/deep drwxr-xr-x 1000:1001',
      './new -rw-r--r-- 1000:1001',
      './open drwxrwxrwx 1000:1001',
      './remoded drwx------ 1000:1001',
      './remoded/a -rw-r--r-- 1000:1001',
      './tool.sh -rwxr-xr-x 1000:1001',
      './uploads lrwxrwxrwx',
      './was-link drwxr-xr-x 1000:1001',
      './was-link/a -rw-r--r-- 1000:1001',
      './was-tool -rw-r--r-- 1000:1001',
    ]);
    // As COPY gave it to the first, although the directory is root's.
    const given = await kubectl('-n', namespace, 'exec', pod, '--', 'stat', '-c', '%n %a %u:%g', '/srv/a', '/srv/new');
    expect(given).toBe('/srv/a 640 2000:2001\n/srv/new 640 2000:2001\n');
    const read = (path: string) => kubectl('-n', namespace, 'exec', pod, '--', 'cat', path);
    expect([await read('/data/user.bin'), await read('/data/readme')]).toEqual(['precious\n', 'hello']);

    rmSync(join(src, 'uploads'), { recursive: true });
    rmSync(join(src, 'empty'), { recursive: true });
    rmSync(join(src, 'current'));
    writeFiles(src, { current: 'a file now' });
    await session.until(({ changes, idle }) => changes.seen > seen + 1 && idle, 'what is gone is taken in');
    const left = (await list()).map((line) => line.split(' ')[0]);
    expect(left).not.toContain('./empty');
    expect(left).toContain('./uploads');
    expect(await list()).toContain('./current -rw-r--r-- 1000:1001');
    expect(await read('/data/user.bin')).toBe('precious\n');
    await session.stop();
  });
});
