// What is left of a Compose project that nobody names any more: told, kept or taken away, by the rules of `docker compose`.
import { expect, it } from 'vitest';
import { docker } from '../../support/capability.ts';
import { compose, composeBinary } from '../../support/docker/compose.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { sluice } from '../../support/sluice.ts';
import { composeProject, dockerLines } from './project.ts';

const file = (image: string) => `
x-base: &base { image: "${image}", command: [sleep, "1000"], stop_grace_period: 0s }
services:
  a: { <<: *base, volumes: ["data:/data", /anonymous] }
  b: { <<: *base, depends_on: [a] }
  quiet: { <<: *base, profiles: [never] }
  gone: { <<: *base }
  built: { command: [sleep, "1000"], stop_grace_period: 0s, build: . }
volumes: { data: , former: }
`;

it.skipIf(!docker || !composeBinary)(
  'orphans, profiles, one-offs, volumes and images are left as Compose leaves them',
  async () => {
    const image = await busyboxImage();
    const { dir, env, project, ...shop } = composeProject({
      'compose.yaml': file(image),
      Dockerfile: `FROM ${image}\nENV KIND=built\n`,
    });
    const names = () => Object.keys(shop.ids()).map((name) => name.replace(/run-.*/, 'run'));
    const images = () => dockerLines('images', '-q', '--filter', `reference=${project}-built`);
    expect(await sluice(dir, ['up', '--once', '--plain'], { env })).toMatchObject({ code: 0 });
    await compose(dir, ['--profile', 'never', 'up', '-d', '--no-deps', 'quiet'], env);
    await compose(dir, ['run', '-T', 'a', 'true'], env);
    shop.edit('compose.yaml', '  gone: { <<: *base }\n', '');

    // Told by its name, and left alone; what a profile keeps back is no orphan.
    const told = await sluice(dir, ['up', '--once', '--plain'], { env });
    expect(told.code).toBe(0);
    expect(told.stdout + told.stderr).toContain(`orphans: ${project}-gone-1: no service`);
    expect(told.stdout + told.stderr).toContain('--remove-orphans');
    expect(told.stdout + told.stderr).not.toContain('quiet');
    expect(names().sort()).toEqual(['a-1', 'a-run', 'b-1', 'built-1', 'gone-1', 'quiet-1']);
    expect(await sluice(dir, ['up', '--once', '--plain', '--remove-orphans'], { env })).toMatchObject({ code: 0 });
    expect(names().sort()).toEqual(['a-1', 'a-run', 'b-1', 'built-1', 'quiet-1']);

    const anonymous = dockerLines(
      'inspect',
      '-f',
      '{{range .Mounts}}{{if eq .Destination "/anonymous"}}{{.Name}}{{end}}{{end}}',
      shop.ids()['a-1'] as string,
    );
    const down = await sluice(dir, ['down'], { env });
    expect(down).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/orphans are left: \S+-a-run-\w+ \(--remove-orphans/),
    });
    expect(names().sort()).toEqual(['a-run', 'quiet-1']);
    expect(dockerLines('volume', 'inspect', '-f', '{{.Name}}', ...anonymous)).toEqual(anonymous);
    expect(shop.left().volumes).toHaveLength(1);
    expect(images().length).toBeGreaterThan(0);

    expect(await sluice(dir, ['up', '--once', '--plain'], { env })).toMatchObject({ code: 0 });
    const flags = ['--volumes', '--remove-orphans', '--rmi', 'local'];
    expect(await sluice(dir, ['down', ...flags], { env })).toMatchObject({ code: 0 });
    expect(names()).toEqual(['quiet-1']);
    expect(shop.left().volumes).toEqual([]);
    expect(images()).toEqual([]);
    expect(dockerLines('images', '-q', image)).toHaveLength(1);
    dockerLines('volume', 'rm', ...anonymous);
    await compose(dir, ['--profile', 'never', 'down'], env);
    expect(shop.left()).toEqual({ containers: [], networks: [], volumes: [] });
  },
);
