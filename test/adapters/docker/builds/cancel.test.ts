import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDocker } from '../../../../src/adapters/docker/index.ts';
import type { DockerPort } from '../../../../src/model/ports.ts';
import { isAbort } from '../../../../src/model/problems/problem.ts';
import { docker } from '../../../support/capability.ts';
import { base, buildOf, removeLayers } from './context.ts';

/** Processes of this machine with `text` in their command line; the daemon runs on it. */
const running = (text: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text) &&
        !/ Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
      );
    } catch {
      return false;
    }
  });

const containers = () =>
  execFileSync('docker', ['ps', '-aq', '--no-trunc', '--filter', 'label=sluice-test=cancel'], {
    encoding: 'utf8',
  }).trim();

describe.skipIf(!docker || process.platform !== 'linux').each([
  ['BuildKit', '1'],
  ['the classic builder', '0'],
])('cancelling a build by %s', (_, DOCKER_BUILDKIT) => {
  let port: DockerPort;
  beforeAll(async () => {
    port = await connectDocker({ env: { ...process.env, DOCKER_BUILDKIT }, home: '/nowhere' });
  });
  afterAll(() => {
    removeLayers();
    port.close();
  });

  // A sleep of a length that nobody else sleeps; the shell's own command line holds it as well.
  const seconds = `7${DOCKER_BUILDKIT}${process.pid}`;
  const build = buildOf(`${base}\nLABEL sluice-test=cancel\nRUN echo begun; sleep ${seconds}`, {
    noCache: true,
    labels: { 'sluice-test': 'cancel' },
  });

  it('errors with AbortError when the step is dead and its container is gone', async () => {
    const stop = new AbortController();
    const error = await new Promise((resolve) => {
      port.build(build, stop.signal).subscribe({
        next: (event) => {
          if (event.is === 'output' && event.text.includes('begun')) stop.abort();
        },
        error: (failure) => resolve({ failure, alive: running(`sleep ${seconds}`), left: containers() }),
        complete: () => resolve('completed'),
      });
    });
    expect(error).toMatchObject({ failure: { name: 'AbortError' }, alive: [], left: '' });
  });

  it('kills the step when its stream is dropped', async () => {
    await new Promise<void>((resolve, reject) => {
      const subscription = port.build(build, new AbortController().signal).subscribe({
        next: (event) => {
          if (event.is !== 'output' || !event.text.includes('begun')) return;
          subscription.unsubscribe();
          resolve();
        },
        error: reject,
      });
    });
    await expect.poll(() => running(`sleep ${seconds}`), { timeout: 20_000 }).toEqual([]);
    await expect.poll(containers, { timeout: 20_000 }).toBe('');
  });

  it('leaves nothing when it is cancelled in the moment it begins', async () => {
    const stop = new AbortController();
    const ended = new Promise((resolve) =>
      port.build(build, stop.signal).subscribe({ error: resolve, complete: () => resolve(null) }),
    );
    await port.info();
    stop.abort();
    expect(isAbort(await ended)).toBe(true);
    expect(running(`sleep ${seconds}`)).toEqual([]);
    expect(containers()).toBe('');
  });

  it('starts nothing when it was cancelled before', async () => {
    const stop = AbortSignal.abort();
    const error = await new Promise((resolve) =>
      port.build(build, stop).subscribe({ error: resolve, complete: () => resolve(null) }),
    );
    expect(isAbort(error)).toBe(true);
    expect(running(`sleep ${seconds}`)).toEqual([]);
  });
});
