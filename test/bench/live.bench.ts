// Updates in place: from the save to what runs, by each way there is; the debounce of 50 ms is inside where a session runs.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import { describe, it, onTestFinished } from 'vitest';
import { containerStrategy } from '../../src/update/live/container.ts';
import { createSynclets } from '../../src/update/live/synclet/pool.ts';
import { liveProject, podsOf, rootOf } from '../e2e/live/project.ts';
import { cluster, docker } from '../support/capability.ts';
import { kubectl } from '../support/cluster/cluster.ts';
import { nodeImage } from '../support/docker/images.ts';
import { drive } from '../support/drive.ts';
import { tempProject, writeFiles } from '../support/temp.ts';
import { busyboxImage, container, docker as dockerCli } from '../update/live/docker.ts';
import { change, containerTarget, imageWork, kubeWork, portsWith, rule } from '../update/live/work.ts';
import { realDocker } from '../update/real.ts';
import { breathe, figure, timed } from './figure.ts';

const rounds = 40;
const debounceMs = 50;

const textIn = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // not there yet, or on its way
  }
};

/** Looks every millisecond until the file is there with this text. */
async function holds(path: string, text: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (textIn(path) === text) return;
    await pause(1);
  }
  throw new Error(`${path} never held ${text}`);
}

/** Asks every other millisecond until the page is `text`. */
async function shows(url: string, text: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const found = await fetch(url).then(
      (answer) => answer.text(),
      () => '',
    );
    if (found.trim() === text) return;
    await pause(2);
  }
  throw new Error(`${url} never showed ${text}`);
}

const address = async (namespace: string): Promise<string> => {
  const ip = await kubectl('-n', namespace, 'get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].status.podIP}');
  return `http://${ip}:8080/`;
};

describe.skipIf(!docker || !cluster)('in a session on the test cluster', () => {
  it.each([
    ['synclet', debounceMs + 15],
    ['exec', debounceMs + 80],
  ] as const)('%s', async (mode, target) => {
    const { dir, namespace, args } = await liveProject(`bench-${mode}`);
    const session = drive(dir, ['--no-logs', '--update-mode', mode, ...args]);
    await session.idle();
    const [pod = ''] = await podsOf(namespace);
    const root = await rootOf(namespace, pod);
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await breathe();
      times.push(
        await timed(async () => {
          writeFileSync(join(dir, 'web/www/index.html'), `save ${round}`);
          await holds(`${root}/www/index.html`, `save ${round}`);
        }),
      );
      await session.idle();
    }
    figure(`live: save → file in the container, ${mode}`, 'ms', times, target);
    const many: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      // Written beforehand and moved into place, as editors save: how fast the disk makes files is not the question. New
      // names each time, for the same reason: ext4 takes no inode deleted in the last minutes, and looks past each of them.
      const names = Array.from({ length: 1_000 }, (_, file) => `${round}-${file}.html`);
      writeFiles(dir, Object.fromEntries(names.map((name) => [`drafts/${name}`, name])));
      await breathe();
      many.push(
        await timed(async () => {
          for (const name of names) renameSync(join(dir, 'drafts', name), join(dir, 'web/www', name));
          for (const name of [names[0]!, names[500]!, names[999]!]) await holds(`${root}/www/${name}`, name);
        }),
      );
      await session.idle();
    }
    figure(`live: 1,000 files at once, ${mode}`, 'ms', many, 1_000);
    await session.stop();
  });

  it('served', async () => {
    const { dir, namespace, args } = await liveProject('bench-served');
    const session = drive(dir, ['--no-logs', ...args]);
    await session.idle();
    const url = await address(namespace);
    const times: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      await breathe();
      times.push(
        await timed(async () => {
          writeFileSync(join(dir, 'web/www/index.html'), `save ${round}`);
          await shows(url, `save ${round}`);
        }),
      );
      await session.idle();
    }
    figure('live: save → served (Tilt 302, Skaffold 257 when tuned, Compose watch 572)', 'ms', times, null);
    await session.stop();
  });

  it('restart: process', async () => {
    await nodeImage();
    const { dir, namespace, args } = await liveProject('bench-restart', { rules: '      - restart: process' });
    const server = (text: string) =>
      `require('node:http').createServer((_, answer) => answer.end('${text}')).listen(8080);\n`;
    writeFiles(dir, {
      'web/www/server.js': server('first'),
      'web/Dockerfile': 'FROM sluice-test/node:1\nCOPY www /www\nCMD ["node", "/www/server.js"]\n',
    });
    const session = drive(dir, ['--no-logs', ...args]);
    await session.idle();
    const url = await address(namespace);
    const times: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      await breathe();
      times.push(
        await timed(async () => {
          writeFileSync(join(dir, 'web/www/server.js'), server(`save ${round}`));
          await shows(url, `save ${round}`);
        }),
      );
      await session.idle();
    }
    const own = await startOf(namespace);
    figure('live: save → new process serves, restart: process', 'ms', times, debounceMs + 150 + own);
    await session.stop();
  });
});

/** Milliseconds that the program needs for itself, in the same container. */
async function startOf(namespace: string): Promise<number> {
  const loop = 'for i in 1 2 3 4 5 6 7 8 9 10; do node -e "require(\'node:http\')"; done';
  const start = await timed(() => kubectl('-n', namespace, 'exec', 'deployment/web', '--', 'true'));
  const all = await timed(() => kubectl('-n', namespace, 'exec', 'deployment/web', '--', 'sh', '-c', loop));
  return (all - start) / 10;
}

describe.skipIf(!docker)('by Docker, without a session', () => {
  it('container', async () => {
    const dir = tempProject({ 'src/x': '0' });
    const id = await container(await busyboxImage());
    const port = await realDocker();
    const synclets = createSynclets();
    onTestFinished(() => synclets.closeAll());
    const strategy = containerStrategy(synclets);
    const ports = portsWith({ docker: async () => port });
    const image = imageWork([rule.sync(`${dir}/src`, '/app')], [change(`${dir}/src/x`)], {
      files: { roots: [dir], filters: [] },
    });
    const work = kubeWork([image], [containerTarget({ id: `docker://${id}`, isNew: false })]);
    const update = () => lastValueFrom(strategy.run(work, new AbortController().signal, ports));
    await update();
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      writeFiles(dir, { 'src/x': `${round}` });
      times.push(await timed(update));
    }
    if ((await dockerCli('exec', id, 'cat', '/app/x')) !== `${rounds - 1}`) throw new Error('not in the container');
    figure('live: in the container by Docker, debounce aside', 'ms', times, 40);
  });
});
