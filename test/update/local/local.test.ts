import { describe, expect, it } from 'vitest';
import type { LocalWork } from '../../../src/model/run.ts';
import { localStrategy } from '../../../src/update/local/local.ts';
import { eventually, processesWith } from '../../support/facts.ts';
import { tempProject } from '../../support/temp.ts';
import { never, outcomeOf, portsOf, said, workOf } from '../real.ts';

function work(cmd: string | null, dir: string, env: Readonly<Record<string, string>> = {}): LocalWork {
  const { spec: _, kubernetes: __, ...base } = workOf('default', '');
  const { spec } = workOf('default', '');
  return {
    ...(base as unknown as LocalWork),
    kind: 'local',
    resource: 'codegen',
    spec: {
      ...spec,
      kind: 'local',
      cmd,
      serve: null,
      dir,
      env,
      files: { roots: [], filters: [] },
      ready: null,
      restart: 'no',
    },
  };
}

describe('a local command', () => {
  it('runs in its directory with its variables, and its output is the build log', async () => {
    const dir = tempProject();
    const ports = portsOf({});
    const run = localStrategy.run(
      work('echo "$WHAT in $(pwd)"; printf "no line end"', dir, { WHAT: 'made' }),
      never,
      ports,
    );
    expect(await outcomeOf(run)).toMatchObject({ is: 'ok' });
    expect(said(ports)).toBe(`made in ${dir}\nno line end`);
  });

  it('that there is none of is a success', async () => {
    expect(await outcomeOf(localStrategy.run(work(null, '/'), never, portsOf({})))).toMatchObject({ is: 'ok' });
  });

  it('that fails says how, with its last lines', async () => {
    const run = localStrategy.run(work('echo why; exit 3', tempProject()), never, portsOf({}));
    expect(await outcomeOf(run)).toMatchObject({
      is: 'failed',
      phase: 'build',
      problem: { code: 'S424', what: 'codegen: the command exited with code 3', logTail: ['why'] },
    });
  });

  it('in a directory that is not there says so', async () => {
    const run = localStrategy.run(work('true', '/sluice-test-none'), never, portsOf({}));
    expect(await outcomeOf(run)).toMatchObject({ is: 'failed', problem: { code: 'S401' } });
  });

  it('is cancelled with all that it started', async () => {
    const mark = `sleep ${1_000_000 + Math.floor(Math.random() * 1_000_000)}`;
    const stop = new AbortController();
    const outcome = outcomeOf(localStrategy.run(work(`${mark} & wait`, tempProject()), stop.signal, portsOf({})));
    await eventually(() => (processesWith(mark).length > 0 ? true : null), 'the command runs');
    stop.abort();
    expect(await outcome).toMatchObject({ is: 'cancelled' });
    expect(processesWith(mark)).toEqual([]);
  });

  it('is not for what is deployed to a cluster', () => {
    expect(localStrategy.claim(workOf('default', ''))).toMatchObject({ take: false });
  });
});
