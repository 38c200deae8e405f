// A save in mid-build: the stale build is really gone, seen from outside, and the newest save is what runs.
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cluster, docker } from '../../support/capability.ts';
import { drive } from '../../support/drive.ts';
import { eventually, processesWith, serves } from '../../support/facts.ts';
import { writeFiles } from '../../support/temp.ts';
import { clusterProject, dockerfile } from './project.ts';

describe.skipIf(!docker || !cluster)('a save while a build runs', () => {
  it('stops the stale build with its processes and containers', async () => {
    const { dir, url, args } = await clusterProject('cancel', { web: '    onChange: cancel' });
    const session = drive(dir, args);
    await session.idle();
    const sleep = `sleep ${randomInt(100_000, 999_999)}`;
    writeFiles(dir, { 'web/Dockerfile': dockerfile(`RUN ["sh", "-c", "${sleep}; true"]`) });
    await eventually(() => (processesWith(sleep).length > 0 ? true : null), 'the long build step runs');
    writeFiles(dir, { 'web/Dockerfile': dockerfile(), 'web/www/index.html': 'newest page' });
    await serves(url, 'newest page');
    await session.idle();
    expect(processesWith(sleep)).toEqual([]);
    expect(
      execFileSync('docker', ['ps', '-a', '--no-trunc', '--format', '{{.Command}}'], { encoding: 'utf8' }),
    ).not.toContain(sleep);
    const outcomes = session.resource('web').history.map((run) => run.outcome);
    expect(outcomes).toContain('cancelled');
    expect(session.resource('web').update.status).toBe('ok');
    await session.stop();
  });

  it('Ctrl-C in mid-build leaves nothing of it either', async () => {
    const { dir, args } = await clusterProject('midstop');
    const sleep = `sleep ${randomInt(100_000, 999_999)}`;
    writeFiles(dir, { 'web/Dockerfile': dockerfile(`RUN ["sh", "-c", "${sleep}; true"]`) });
    const session = drive(dir, args);
    await eventually(() => (processesWith(sleep).length > 0 ? true : null), 'the long build step runs');
    await session.stop();
    expect(processesWith(sleep)).toEqual([]);
  });
});
