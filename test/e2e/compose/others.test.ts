// Somebody else has a hand in the containers of a running session: what is said of them is what is there.
import { expect, it } from 'vitest';
import { docker } from '../../support/capability.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { drive } from '../../support/drive.ts';
import { sluice } from '../../support/sluice.ts';
import { composeProject, dockerLines } from './project.ts';

const file = (image: string) => `
services:
  web:
    image: "${image}"
    command: [sleep, "1000"]
    stop_grace_period: 0s
    develop: { watch: [{ action: sync, path: ./app, target: /app }] }
`;

it.skipIf(!docker)(
  'a save waits for a container that is paused, and one put in its place is none of ours',
  async () => {
    const image = await busyboxImage();
    const { dir, env, project, edit, text } = composeProject({ 'compose.yaml': file(image), 'app/f': 'old\n' });
    const name = `${project}-web-1`;
    const inside = () => dockerLines('exec', name, 'cat', '/app/f');
    const session = drive(dir, [], { env });
    await session.idle();
    await session.save('app/f', 'saved\n');
    expect(inside()).toEqual(['saved']);

    dockerLines('pause', name);
    await session.until(({ resources }) => resources.web?.runtime.text === 'paused', 'the pause is told');
    edit('app/f', 'saved', 'while paused');
    await session.until(
      ({ idle, resources }) => idle && resources.web?.update.hold?.reason === 'container-paused',
      'the save is held',
    );
    const held = await sluice(dir, ['wait', '--fresh'], { env: session.env });
    expect(held).toMatchObject({ code: 5 });
    expect(held.stderr).toContain(`${name} is paused\n  hint: docker unpause ${name}`);
    dockerLines('unpause', name);
    expect(await sluice(dir, ['wait', '--fresh'], { env: session.env })).toMatchObject({ code: 0 });
    expect([text('app/f'), ...inside()]).toEqual(['while paused\n', 'while paused']);

    const labels = Object.entries({ project, service: 'web', 'container-number': '1', oneoff: 'False' });
    const marks = labels.flatMap(([key, value]) => ['--label', `com.docker.compose.${key}=${value}`]);
    dockerLines('rm', '-f', name);
    await session.until(({ resources }) => resources.web?.runtime.status === 'failed', 'it is gone');
    dockerLines('run', '-d', '--name', name, ...marks, image, 'sleep', '999');
    const changed = `changed by somebody: container ${name} is not of this deploy: a trigger makes it anew`;
    await session.until(({ idle, resources }) => idle && resources.web?.runtime.text === changed, 'it is not ours');
    const other = await sluice(dir, ['wait', '--fresh'], { env: session.env });
    expect([other.code, other.stderr]).toEqual([5, expect.stringContaining(changed)]);
    expect(await sluice(dir, ['trigger', 'web'], { env: session.env })).toMatchObject({ code: 0 });
    expect(await sluice(dir, ['wait', '--fresh'], { env: session.env })).toMatchObject({ code: 0 });
    expect(inside()).toEqual(['while paused']);
    await session.stop();
  },
  120_000,
);

it.skipIf(!docker)(
  'what was saved into memory comes again where somebody starts the container again',
  async () => {
    const text = file(await busyboxImage()).replace(
      'stop_grace_period: 0s',
      'stop_grace_period: 0s\n    tmpfs: [/app]',
    );
    const { dir, env, project } = composeProject({ 'compose.yaml': text, 'app/f': 'old\n' });
    const name = `${project}-web-1`;
    const session = drive(dir, [], { env });
    await session.idle();
    await session.save('app/f', 'saved\n');
    dockerLines('restart', '-t', '0', name);
    const times = () => session.logs.filter(({ text: line }) => line.includes(`updated ${name}/web`)).length;
    await session.until(({ idle }) => idle && times() > 1, 'it is put in again');
    expect(await sluice(dir, ['wait', '--fresh'], { env: session.env })).toMatchObject({ code: 0 });
    expect(dockerLines('exec', name, 'cat', '/app/f')).toEqual(['saved']);
    await session.stop();
  },
  120_000,
);
