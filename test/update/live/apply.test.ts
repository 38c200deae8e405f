// What an update of several containers comes to, told by a way to containers that goes wrong as asked.
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/model/run.ts';
import { updateInPlace } from '../../../src/update/live/apply.ts';
import { declined, type LiveAnswer, type LiveTransport } from '../../../src/update/live/transport.ts';
import { tempProject } from '../../support/temp.ts';
import { change, containerTarget, imageWork, kubeWork, portsWith, rule } from './work.ts';

type Told = LiveAnswer | Error;
const ok: LiveAnswer = { is: 'ok', restarted: null };
const lost: LiveAnswer = { is: 'lost', because: 'the connection ended' };

/** The containers answer in order; those in `gone` are no longer there when asked about. */
async function outcomeOf(
  told: readonly Told[],
  { step = true, gone = [] as readonly string[] } = {},
): Promise<Outcome> {
  const dir = tempProject({ 'src/x': '1' });
  const rules = [rule.sync(`${dir}/src`, '/app'), ...(step ? [rule.run('make')] : [])];
  const image = imageWork(rules, [change(`${dir}/src/x`)], { files: { roots: [dir], filters: [] } });
  const containers = told.map((_, index) => containerTarget({ id: `c${index}`, pod: `p${index}` }));
  const transport: LiveTransport = {
    apply: async ({ id }) => {
      const answer = told[Number(id.slice(1))] as Told;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    isThere: async ({ id }) => !gone.includes(id),
    restart: null,
  };
  const run = updateInPlace('test', () => transport);
  const last = await lastValueFrom(run(kubeWork([image], containers), new AbortController().signal, portsWith({})));
  if (last.is !== 'ended') throw new Error('the run did not end');
  return last.outcome;
}

describe('an update of several containers', () => {
  it('is one for all of them', async () => {
    expect(await outcomeOf([ok, ok])).toMatchObject({ is: 'ok', result: { ledgers: { c0: 2, c1: 2 } } });
  });

  it('hands over to the next way while no step was run', async () => {
    expect(await outcomeOf([declined('no'), ok])).toEqual({ is: 'declined', because: 'no' });
    expect(await outcomeOf([ok, declined('no')], { step: false })).toEqual({ is: 'declined', because: 'no' });
  });

  it('never hands over after a step was run: the containers disagree', async () => {
    expect(await outcomeOf([ok, declined('no'), ok])).toMatchObject({
      is: 'failed',
      problem: { code: 'S707' },
      ledgers: { c0: 2, c2: 2 },
      inconsistent: true,
    });
  });

  it('goes on after a failed step, and says which containers have it', async () => {
    const failed = { is: 'run-failed', run: 0, code: 3 } as const;
    expect(await outcomeOf([failed, ok])).toMatchObject({
      is: 'failed',
      problem: { code: 'S702', what: '"make" ended with code 3 in p0/web' },
      ledgers: { c1: 2 },
      inconsistent: true,
    });
    expect(await outcomeOf([failed, failed])).toMatchObject({ is: 'failed', ledgers: {}, inconsistent: false });
  });

  it('fails where the connection broke while steps ran, and is not run again by another way', async () => {
    expect(await outcomeOf([lost])).toMatchObject({
      is: 'failed',
      problem: { code: 'S706', kind: 'step' },
      ledgers: {},
    });
  });

  it('leaves out what is gone', async () => {
    expect(await outcomeOf([lost, ok], { gone: ['c0'] })).toMatchObject({ is: 'ok', result: { ledgers: { c1: 2 } } });
    const refused = new Error('no such pod');
    expect(await outcomeOf([refused], { gone: ['c0'] })).toMatchObject({ is: 'ok', result: { ledgers: {} } });
    expect(await outcomeOf([refused])).toMatchObject({ is: 'failed', problem: { what: 'no such pod' } });
  });
});
