// Options of `run`, `exec`, `pull`, `up` and `down` as people know them: beside `docker compose` where both can be asked.
import { expect, it } from 'vitest';
import { docker } from '../../support/capability.ts';
import { compose, composeBinary } from '../../support/docker/compose.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { sluice } from '../../support/sluice.ts';
import { composeProject, dockerLines } from './project.ts';

const file = (image: string) => `
x-base: &base { image: "${image}", command: [sleep, "1000"], stop_grace_period: 100s }
services:
  web:
    <<: *base
    ports: ["127.0.0.1::80"]
    restart: always
    entrypoint: [env]
    environment: { A: one, B: two }
    labels: { own: "1" }
    cap_drop: [NET_RAW]
    volumes: ["data:/data", "./given:/given"]
    depends_on: [db]
  db: { <<: *base, scale: 2 }
  tool: { build: ., profiles: [tools], depends_on: [db] }
  gone: { <<: *base }
volumes: { data: }
`;

/** What the command line of a one-off decides of its container. */
function decided(name: string) {
  const [text = ''] = dockerLines('inspect', '-f', '{{json .}}', name);
  const { Config, HostConfig, Mounts, NetworkSettings } = JSON.parse(text);
  const { Cmd, Entrypoint, User, WorkingDir, Labels } = Config;
  const { PortBindings, AutoRemove, CapAdd, CapDrop, RestartPolicy } = HostConfig;
  return {
    Cmd,
    Entrypoint,
    User,
    WorkingDir,
    Env: Config.Env.toSorted(),
    labels: ['own', 'given', 'com.docker.compose.oneoff', 'com.docker.compose.service'].map((key) => Labels[key]),
    PortBindings,
    AutoRemove,
    CapAdd,
    CapDrop,
    restart: RestartPolicy.Name,
    mounts: Mounts.map(({ Type, Destination, RW }: Record<string, unknown>) => [Type, Destination, RW]).toSorted(),
    aliases: Object.values(NetworkSettings.Networks as Record<string, { Aliases: string[] }>).map(({ Aliases }) =>
      Aliases?.includes('web'),
    ),
  };
}

it.skipIf(!docker || !composeBinary)(
  'what the command line says of a command is what docker compose makes of it',
  async () => {
    const image = await busyboxImage();
    const shop = composeProject({
      'compose.yaml': file(image),
      Dockerfile: `FROM ${image}\nRUN echo built > /built\n`,
      'given/x': '',
    });
    const { dir, project, ids } = shop;
    const env = { ...shop.env, GIVEN: 'here' };
    const run = ['run', '-d', '--rm', '--no-deps'];
    const ways: string[][] = [
      ['web', 'sleep', '1000'],
      ['-P', '-e', 'A=other', '-e', 'GIVEN', '-e', 'UNSET', '-w', '/tmp', '-u', '7', 'web', 'sleep', '1000'],
      ['-p', '127.0.0.1::81/udp', '-p', '82-83', '-l', 'given=x=y', '--entrypoint', 'sh -c "sleep 1000"', 'web'],
      ['-v', `${dir}/given:/more:ro`, '-v', `${dir}/given:/data`, '--cap-add', 'NET_RAW', '--cap-drop', 'CHOWN', 'web'],
      ['--use-aliases', 'web'],
    ];
    for (const [i, way] of ways.entries()) {
      const named = (by: string) => `${project}-${by}-${i}`;
      await compose(dir, [...run, '--name', named('theirs'), ...way], env);
      const ours = await sluice(dir, [...run, '--name', named('ours'), ...way], { env });
      expect([ours.code, ours.stdout, ours.stderr]).toEqual([0, `${named('ours')}\n`, '']);
      expect({ way, ...decided(named('ours')) }).toEqual({ way, ...decided(named('theirs')) });
      dockerLines('rm', '-f', named('theirs'), named('ours'));
    }
    const asked = async (...args: string[]) => {
      const { code, stdout } = await sluice(dir, args, { env });
      return [code, stdout];
    };
    // Named, a service is there whatever profiles are active; its image is built where it is not there.
    expect(await asked('run', '--no-deps', 'tool', 'cat', '/built')).toEqual([0, 'built\n']);
    const [first] = dockerLines('images', '-q', '--no-trunc', `${project}-tool`);
    shop.edit('Dockerfile', 'echo built', 'echo anew');
    expect(await asked('run', '--no-deps', 'tool', 'cat', '/built')).toEqual([0, 'built\n']);
    expect(await asked('run', '--no-deps', '--build', '-T', 'tool', 'cat', '/built')).toEqual([0, 'anew\n']);
    expect(dockerLines('images', '-q', '--no-trunc', `${project}-tool`)).not.toEqual([first]);

    const up = ['up', '--plain', '--wait', '--scale', 'db=1', '--no-deps', 'web', 'gone'];
    expect(await sluice(dir, up, { env })).toMatchObject({ code: 0 });
    expect(Object.keys(ids()).sort()).toEqual(['gone-1', 'web-1']);
    expect(await sluice(dir, [...up, 'db'], { env })).toMatchObject({ code: 0 });
    const before = ids();
    expect(Object.keys(before).sort()).toEqual(['db-1', 'gone-1', 'web-1']);
    await compose(dir, ['up', '-d', '--scale', 'db=1', 'web', 'gone'], env);
    expect(ids()).toEqual(before);
    expect(await sluice(dir, ['up', '--once', '--scale', 'dbb=1'], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean db?'),
    });

    // Left to itself: what it puts out is nobody's, what it does is done.
    expect(
      await asked(
        'exec',
        '-d',
        '-e',
        'GIVEN',
        '-u',
        '7',
        '-w',
        '/tmp',
        'db',
        'sh',
        '-c',
        'id -u >u; echo $GIVEN >w; mkfifo d; cat d',
      ),
    ).toEqual([0, '']);
    expect(
      await asked('exec', 'db', 'sh', '-c', 'until test -p /tmp/d; do :; done; cat /tmp/u /tmp/w; echo >/tmp/d'),
    ).toEqual([0, '7\nhere\n']);
    // As much as the engine has to give: one within another may refuse it.
    const rights = ['db', 'sh', '-c', 'grep CapEff /proc/self/status'];
    const plain = await asked('exec', ...rights);
    const all = await compose(dir, ['exec', '-T', '--privileged', ...rights], env).catch(() => null);
    const given = await asked('exec', '--privileged', ...rights);
    expect(plain).toEqual([0, await compose(dir, ['exec', '-T', ...rights], env)]);
    expect(all === null ? given[0] !== 0 : given[1]).toBe(all ?? true);
    expect(await asked('exec', '-d', 'db', 'nosuch')).toEqual([expect.toSatisfy((code) => code !== 0), '']);

    expect(await asked('pull', '--policy', 'missing', '--include-deps', 'tool')).toEqual([0, 'nothing to pull\n']);
    expect(await asked('pull', '-q', '--policy', 'missing')).toEqual([0, '']);
    shop.edit('compose.yaml', 'gone: { <<: *base }', 'gone: { image: "localhost:1/none:1" }');
    expect(await asked('pull', '--ignore-pull-failures', 'gone')).toEqual([
      0,
      expect.stringContaining('none:1 is left out'),
    ]);
    expect((await asked('pull', 'gone'))[0]).not.toBe(0);

    // Orphans as the variables say, also those of .env; nobody waits for what ends when it is asked to.
    shop.edit('compose.yaml', '  gone: { image: "localhost:1/none:1" }\n', '');
    const ignored = await sluice(dir, ['down', '-t', '0', 'db'], { env: { ...env, COMPOSE_IGNORE_ORPHANS: '1' } });
    expect(ignored).toMatchObject({ code: 0, stdout: expect.not.stringContaining('orphan') });
    const began = Date.now();
    const down = await sluice(dir, ['down', '-t', '0', '--volumes'], {
      env: { ...env, COMPOSE_REMOVE_ORPHANS: 'true' },
    });
    expect(down).toMatchObject({ code: 0, stdout: expect.stringContaining('gone-1 removed') });
    expect(Date.now() - began).toBeLessThan(60_000);
    expect(shop.left()).toEqual({ containers: [], networks: [], volumes: [] });
  },
);
