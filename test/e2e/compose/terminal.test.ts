// `run` and `exec` at a real terminal and at pipes: keys, window size, exit codes, and the shell as it was afterwards.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { docker } from '../../support/capability.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { environment, program, sluice } from '../../support/sluice.ts';
import { openScreen } from '../screen/screen.ts';
import { type ComposeProject, composeProject } from './project.ts';

describe.skipIf(!docker)('a command in a container', () => {
  let image = '';
  beforeAll(async () => {
    image = await busyboxImage();
  });
  const project = async (): Promise<ComposeProject> => {
    const service = `{ image: "${image}", command: [sleep, "1000"], stop_grace_period: 0s }`;
    const made = composeProject({ 'compose.yaml': `services: { web: ${service} }\n` });
    expect(await sluice(made.dir, ['up', '--once', '--plain'], { env: made.env })).toMatchObject({ code: 0 });
    return made;
  };

  it('has the terminal that it is called from, and gives it back', async () => {
    const { dir, env, ids } = await project();
    const before = ids();
    const screen = await openScreen(dir, ['exec', 'web', 'sh'], env, [77, 33]);
    await screen.until(/^\/ #$/m);
    await screen.type('stty size; tty');
    await screen.press('enter');
    await screen.until(/^33 77\n\/dev\/pts/m);
    await screen.resize(99, 22);
    await screen.type('stty size');
    await screen.press('enter');
    await screen.until(/^22 99$/m);
    // Ctrl-C is for the command.
    await screen.type('sleep 1000');
    await screen.press('enter');
    await screen.until(/# sleep 1000$/m);
    await screen.press('ctrl+c');
    await screen.until(/\^C\n\/ #$/m);
    await screen.type('echo still $((40 + 2)); exit 7');
    await screen.press('enter');
    await screen.until('still 42');
    await screen.until(/^shell>$/m);
    await screen.type('echo code $?; stty -a | grep -o "[-]*icanon"');
    await screen.press('enter');
    await screen.until(/^code 7\nicanon/m);
    await screen.type(`${screen.program} run web sh -c 'stty size; read line; echo got $line; exit 5'; echo code $?`);
    await screen.press('enter');
    await screen.until(/^22 99$/m);
    await screen.type('words');
    await screen.press('enter');
    await screen.until(/^got words\ncode 5/m);
    expect(ids()).toEqual(before);
  });

  it('has pipes where there is no terminal: both outputs apart, input to its end, its code', async () => {
    const { dir, env, ids } = await project();
    const before = ids();
    const asked = ['sh', '-c', 'wc -c; echo aside >&2; [ -t 0 ] || exit 3'];
    for (const verb of ['exec', 'run']) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [program, verb, 'web', ...asked], {
        cwd: dir,
        env: environment(env),
        input: Buffer.alloc(3_000_000, 'x'),
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect({ verb, status, stdout: stdout.trim(), stderr }).toEqual({
        verb,
        status: 3,
        stdout: '3000000',
        stderr: 'aside\n',
      });
    }
    // Docker before 23 says of a program that is not there that it cannot be run.
    expect([126, 127]).toContain((await sluice(dir, ['exec', 'web', 'nosuch'], { env })).code);
    expect(ids()).toEqual(before);
  });

  it('ends with the one who interrupts it, told to end before it is killed', async () => {
    const { dir, env, ids, inspected } = await project();
    const before = ids();
    const cmd = ['sh', '-c', 'trap "echo told; exit 0" TERM; echo begun; while :; do sleep 0.1; done'];
    for (const [signal, args] of [
      ['SIGINT', []],
      ['SIGTERM', []],
      ['SIGHUP', ['--keep']],
    ] as const) {
      const child = spawn(process.execPath, [program, 'run', ...args, 'web', ...cmd], {
        cwd: dir,
        env: environment(env),
      });
      let errors = '';
      child.stderr.on('data', (text) => (errors += text));
      for await (const text of child.stdout) {
        if (`${text}`.includes('begun')) child.kill(signal);
      }
      if (child.exitCode === null) await once(child, 'exit');
      expect([signal, child.exitCode, errors]).toEqual([signal, 130, '']);
    }
    const kept = Object.entries(inspected()).filter(([name]) => !(name in before));
    expect(kept.map(([, { State }]) => [State.Status, State.ExitCode])).toEqual([['exited', 0]]);
  });

  it('runs with what its service needs, brought up before it where it is not', async () => {
    const part = `image: "${image}", stop_grace_period: 0s`;
    const { dir, env, ids } = composeProject({
      'compose.yaml': `services:
  web: { ${part}, command: [sleep, "1000"], depends_on: { db: { condition: service_healthy }, once: { condition: service_completed_successfully } } }
  db: { ${part}, command: [sh, -c, "sleep 1; touch /up; sleep 1000"], healthcheck: { test: "test -e /up", interval: 1s, retries: 20 } }
  once: { ${part}, command: [sh, -c, "echo moved"] }
`,
    });
    const alone = await sluice(dir, ['run', '--no-deps', 'web', 'echo', 'alone'], { env });
    expect([alone.code, alone.stdout, ids()]).toEqual([0, 'alone\n', {}]);
    const first = await sluice(dir, ['run', 'web', 'sh', '-c', 'ping -c1 -w5 db >/dev/null && echo reached'], { env });
    expect([first.code, first.stdout]).toEqual([0, 'reached\n']);
    expect(first.stderr).toContain('all ready');
    const before = ids();
    expect(Object.keys(before).sort()).toEqual(['db-1', 'once-1']);
    const again = await sluice(dir, ['run', 'web', 'echo', 'again'], { env });
    expect([again.stdout, again.stderr, ids()]).toEqual(['again\n', '', before]);
  });
});
