// `develop.watch` and edits of the project's own files, on real containers: what a save brings in, what it starts again, and
// what is left alone.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { docker } from '../../support/capability.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { drive } from '../../support/drive.ts';
import { type ComposeProject, composeProject, dockerLines } from './project.ts';

// Services of one image: each has what its own rules say, and nothing of the others'.
const file = (image: string) => `
x-base: &base { image: "${image}", command: [sleep, "1000"], stop_grace_period: 0s }
services:
  synced:
    <<: *base
    develop: { watch: [{ action: sync, path: ./synced, target: /app, initial_sync: true, ignore: ["*.tmp", cache/] }] }
  chosen:
    <<: *base
    develop: { watch: [{ action: sync, path: ./chosen, target: /app, include: ["*.txt"] }] }
  told:
    <<: *base
    develop: { watch: [{ action: sync+exec, path: ./told, target: /app, exec: { command: [sh, -c, "cat /app/f >> /told"] } }] }
  again:
    <<: *base
    develop: { watch: [{ action: sync+restart, path: ./again, target: /app }] }
  bound:
    <<: *base
    volumes: ["./bound:/bound"]
    develop: { watch: [{ action: restart, path: ./bound }] }
  built:
    build: ./built
    command: [sleep, "1000"]
    stop_grace_period: 0s
    develop: { watch: [{ action: rebuild, path: ./built }] }
  behind: { <<: *base, depends_on: { built: { condition: service_started, restart: true } } }
  beside: { <<: *base, depends_on: [built] }
  variables: { <<: *base, env_file: [vars.env] }
`;

const startedAt = (shop: ComposeProject): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(shop.inspected()).map(([name, { State }]) => [name, State.StartedAt as string]));

const changed = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] =>
  Object.keys(b)
    .filter((name) => a[name] !== b[name])
    .sort();

it.skipIf(!docker)(
  'saves come in as develop.watch says, and edits of the project make anew what they are about',
  async () => {
    const image = await busyboxImage();
    const shop = composeProject({
      'compose.yaml': file(image),
      'vars.env': 'KIND=old\n',
      'synced/f': 'as it was\n',
      'synced/x.tmp': 'never\n',
      'synced/cache/f': 'never\n',
      'chosen/f.txt': 'old\n',
      'chosen/f.md': 'old\n',
      'told/f': 'old\n',
      'again/f': 'old\n',
      'bound/f': 'old\n',
      'built/Dockerfile': `FROM ${image}\nCOPY f /f\n`,
      'built/f': 'old\n',
    });
    const { dir, env, project, ids } = shop;
    const inside = (service: string, script: string) =>
      dockerLines('exec', `${project}-${service}-1`, 'sh', '-c', script);
    const session = drive(dir, [], { env });
    await session.idle();
    const made = ids();
    let started = startedAt(shop);
    /** Which containers were started since the last question. */
    const startedSince = (): string[] => {
      const before = started;
      started = startedAt(shop);
      return changed(before, started);
    };

    expect(inside('synced', 'cat /app/f; ls /app')).toEqual(['as it was', 'f']);
    await session.save('synced/f', 'saved\n');
    expect(inside('synced', 'cat /app/f')).toEqual(['saved']);
    writeFileSync(join(dir, 'synced/y.tmp'), 'never\n');
    writeFileSync(join(dir, 'synced/cache/f'), 'never again\n');
    await session.save('chosen/f.txt', 'saved\n');
    expect(inside('synced', 'ls /app')).toEqual(['f']);
    writeFileSync(join(dir, 'chosen/f.md'), 'saved\n');
    await session.save('told/f', 'saved\n');
    expect(inside('chosen', 'cat /app/f.txt; ls /app')).toEqual(['saved', 'f.txt']);
    expect(inside('told', 'cat /told; ls /app')).toEqual(['saved', 'f']);
    expect(startedSince()).toEqual([]);

    expect(inside('again', 'test -e /app || echo none')).toEqual(['none']);
    await session.save('again/f', 'saved\n');
    expect(inside('again', 'cat /app/f')).toEqual(['saved']);
    expect(startedSince()).toEqual(['again-1']);
    await session.save('bound/f', 'saved\n');
    expect(startedSince()).toEqual(['bound-1']);
    const { seen } = session.state.changes;
    rmSync(join(dir, 'synced/f'));
    await session.until(({ idle, changes }) => idle && changes.seen > seen, 'what is gone was taken in');
    expect(inside('synced', 'ls /app')).toEqual([]);
    expect(ids()).toEqual(made);

    // Built anew, and with it whoever says that it goes with it.
    await session.save('built/f', 'saved\n');
    expect(inside('built', 'cat /f')).toEqual(['saved']);
    await session.until(
      ({ idle }) => idle && startedAt(shop)['behind-1'] !== started['behind-1'],
      'behind is restarted',
    );
    expect(startedSince()).toEqual(['behind-1', 'built-1']);
    expect(changed(made, ids())).toEqual(['built-1']);

    const built = ids();
    await session.save('vars.env', 'KIND=new\n');
    expect(inside('variables', 'echo $KIND')).toEqual(['new']);
    expect(changed(built, ids())).toEqual(['variables-1']);
    const good = shop.text('compose.yaml');
    const last = ids();
    writeFileSync(join(dir, 'compose.yaml'), good.replace('beside: {', 'beside: { nonsense: 1,'));
    await session.until(({ config, idle }) => !config.ok && idle, 'the broken edit is told');
    expect(session.state.config.problems[0]).toMatchObject({ at: { file: join(dir, 'compose.yaml'), line: 26 } });
    await session.save('chosen/f.txt', 'meanwhile\n');
    expect(inside('chosen', 'cat /app/f.txt')).toEqual(['meanwhile']);
    expect(ids()).toEqual(last);
    writeFileSync(join(dir, 'compose.yaml'), good.replace('beside: {', 'beside: { hostname: mended,'));
    await session.until(
      ({ config, idle }) => config.ok && idle && ids()['beside-1'] !== last['beside-1'],
      'it is mended',
    );
    expect(changed(last, ids())).toEqual(['beside-1']);
    await session.stop();
  },
);

it.skipIf(!docker)('what a rule of the directory of the project includes comes in, and nothing beside it', async () => {
  const image = await busyboxImage();
  const { dir, env, project, ids } = composeProject({
    'compose.yaml':
      'services:\n  page:\n    build: .\n    command: [sleep, "1000"]\n    stop_grace_period: 0s\n    develop:\n      watch: [{ action: sync, path: ., target: /app, include: ["*.txt", pages/] }]\n',
    Dockerfile: `FROM ${image}\nCOPY note.txt /first\n`,
    'note.txt': 'old\n',
    'code.js': 'old\n',
    'pages/one.html': 'old\n',
    'deep/note.txt': 'old\n',
  });
  const inside = (script: string) => dockerLines('exec', `${project}-page-1`, 'sh', '-c', script);
  const session = drive(dir, [], { env });
  await session.idle();
  const made = ids();
  for (const path of ['code.js', 'deep/note.txt']) writeFileSync(join(dir, path), 'saved\n');
  await session.save('note.txt', 'saved\n');
  await session.save('pages/one.html', 'saved\n');
  expect(inside('cd /app && find . -type f | sort && cat note.txt pages/one.html')).toEqual([
    './note.txt',
    './pages/one.html',
    'saved',
    'saved',
  ]);
  expect(ids()).toEqual(made);
  // What the image is made by is no matter of the rules.
  await session.save('Dockerfile', `FROM ${image}\nCOPY note.txt /second\n`);
  expect(inside('cat /second; test -e /app || echo gone')).toEqual(['saved', 'gone']);
  expect(changed(made, ids())).toEqual(['page-1']);
  await session.stop();
});
