// The name of a container that is made anew, taken by another one while the old one ends: the new one is gone then, and the next
// start goes on from there.
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { docker } from '../../support/capability.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { sluice } from '../../support/sluice.ts';
import { counted } from './counted-calls.ts';
import { composeProject, dockerLines } from './project.ts';

it.skipIf(!docker)('a name that is taken while the old container ends', async () => {
  const image = await busyboxImage();
  const slow = 'trap "sleep 1; exit 0" TERM; while :; do sleep 0.1; done';
  const { dir, env, project, ids, left, inspected, edit } = composeProject({
    'compose.yaml': `services:\n  web:\n    image: "${image}"\n    command: [sh, -c, '${slow}']\n    environment: {KIND: old}\n`,
  });
  const name = `${project}-web-1`;
  const up = (through: Readonly<Record<string, string>> = {}) =>
    sluice(dir, ['up', '--once', '--plain'], { env: { ...env, ...through } });
  expect(await up()).toMatchObject({ code: 0 });
  const { 'web-1': old = '' } = ids();
  edit('compose.yaml', 'KIND: old', 'KIND: new');

  const socket = join(dir, 'docker.sock');
  let intruder = '';
  onTestFinished(() => void (intruder && dockerLines('rm', '-f', intruder)));
  const calls = await counted(socket, async ({ path }, answered) => {
    if (path !== `/containers/${old}/rename` || intruder !== '') return;
    // The old one has given up its name by then, and the new one has not asked for it.
    await answered;
    [intruder = ''] = dockerLines('create', '--name', name, image, 'true');
  });
  const made = await calls(async () => {
    const { code, stderr } = await up({ DOCKER_HOST: `unix://${socket}` });
    expect(code).toBe(4);
    expect(stderr).toContain(`"/${name}" is already in use`);
  });
  expect(made.filter(({ path }) => path.endsWith('/create'))).toHaveLength(1);
  expect(left().containers).toEqual([old]);
  expect(Object.values(inspected()).map(({ State }) => State.Status)).toEqual(['exited']);

  dockerLines('rm', intruder);
  intruder = '';
  expect(await up()).toMatchObject({ code: 0 });
  const now = inspected();
  expect(Object.keys(now)).toEqual(['web-1']);
  expect(now['web-1']).toMatchObject({ State: { Status: 'running' } });
  expect(now['web-1'].Config.Env).toContain('KIND=new');
  expect(left().containers).not.toContain(old);
});
