import { lastValueFrom, of, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../src/model/problems/problem.ts';
import type { Outcome, RunEvent } from '../../src/model/run.ts';
import { updateOf } from '../../src/update/composite.ts';
import type { Claim, Strategy } from '../../src/update/strategy.ts';
import { never, portsOf, said, workOf } from './real.ts';

const ok: Outcome = { is: 'ok', result: { strategy: 's', images: [], deployed: null, ledgers: {}, unchanged: false } };
const failed: Outcome = {
  is: 'failed',
  problem: { kind: 'step', code: 'S001', what: 'no' },
  phase: 'update',
  images: [],
  ledgers: {},
  inconsistent: false,
};

function strategy(name: string, outcome: Outcome, claim: Claim = { take: true }) {
  const ran: string[] = [];
  const it: Strategy = {
    name,
    claim: () => claim,
    run: () => {
      ran.push('run');
      return of<RunEvent[]>({ is: 'step', step: name }, { is: 'ended', outcome });
    },
    afterwards: () => ran.push('afterwards'),
  };
  return { it, ran };
}
const update = (strategies: readonly Strategy[], stop = never, ports = portsOf({})) =>
  lastValueFrom(updateOf(strategies, workOf('default', ''), stop, ports).pipe(toArray()));

describe('strategies in their order', () => {
  it('are asked one after the other; the first that takes the work does it', async () => {
    const ports = portsOf({});
    const first = strategy('in place', ok, { take: false, because: 'a fallback rule hit', show: 'user' });
    const second = strategy('full build', ok);
    const third = strategy('never', ok);
    const events = await update([first.it, second.it, third.it], never, ports);
    expect(events).toEqual([
      { is: 'strategy', strategy: 'full build', why: 'full build: a fallback rule hit' },
      { is: 'step', step: 'full build' },
      { is: 'ended', outcome: ok },
    ]);
    expect([first.ran, second.ran, third.ran]).toEqual([[], ['run', 'afterwards'], []]);
    expect(said(ports)).toContain('a fallback rule hit');
  });

  it('keep quiet about what is obvious', async () => {
    const ports = portsOf({});
    const first = strategy('in place', ok, { take: false, because: 'no live rules', show: 'debug' });
    const events = await update([first.it, strategy('full build', ok).it], never, ports);
    expect(events[0]).toEqual({ is: 'strategy', strategy: 'full build' });
    expect(said(ports)).toBe('');
  });

  it('say by which rules, where they know', async () => {
    const events = await update([
      strategy('synclet', ok, { take: true, because: 'in place: sync at sluice.yaml:9' }).it,
    ]);
    expect(events[0]).toEqual({ is: 'strategy', strategy: 'synclet', why: 'in place: sync at sluice.yaml:9' });
  });

  it('hand over when one declines on its way, and end once', async () => {
    const first = strategy('in place', { is: 'declined', because: 'no shell in the container' });
    const second = strategy('full build', ok);
    const events = await update([first.it, second.it]);
    expect(events.filter(({ is }) => is === 'ended')).toEqual([{ is: 'ended', outcome: ok }]);
    expect(first.ran).toEqual(['run']);
  });

  it.each([
    ['failed', failed],
    ['was cancelled', { is: 'cancelled', by: 'newer change', images: [] } as const],
  ])('do not go on after one %s', async (_, outcome) => {
    const second = strategy('full build', ok);
    const events = await update([strategy('in place', outcome).it, second.it]);
    expect(events.at(-1)).toEqual({ is: 'ended', outcome });
    expect(second.ran).toEqual([]);
  });

  it('end with a problem where none takes the work', async () => {
    const none = strategy('in place', ok, { take: false, because: 'no container', show: 'user' });
    expect((await update([none.it])).at(-1)).toMatchObject({
      outcome: { is: 'failed', problem: { code: 'S003', what: expect.stringContaining('no container') } },
    });
  });

  it('start nothing once stopped', async () => {
    const first = strategy('full build', ok);
    expect(await update([first.it], AbortSignal.abort())).toMatchObject([{ outcome: { is: 'cancelled' } }]);
    expect(first.ran).toEqual([]);
  });

  it('turn what one throws into a failure', async () => {
    const problem = { kind: 'unavailable', code: 'S200', what: 'docker is away' } as const;
    const broken: Strategy = {
      name: 'broken',
      claim: () => ({ take: true }),
      run: () => throwError(() => new ProblemError(problem)),
    };
    expect((await update([broken])).at(-1)).toMatchObject({ outcome: { is: 'failed', problem } });
  });
});
