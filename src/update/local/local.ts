// Local resources: the command runs here; its server, if any, is (re)started by the servers controller after a success.
import { lastValueFrom, tap } from 'rxjs';
import { limits } from '../../model/limits.ts';
import type { Ports, ProcEvent } from '../../model/ports.ts';
import type { LocalWork, Outcome, Work } from '../../model/run.ts';
import { shortened } from '../../model/text/cut.ts';
import type { Strategy } from '../strategy.ts';
import { strategyRun } from '../strategy-run.ts';

export const localStrategy: Strategy = {
  name: 'local',
  claim: (work) =>
    work.kind === 'local' ? { take: true } : { take: false, because: 'not a local resource', show: 'debug' },
  run: (work: Work, stop, ports) =>
    strategyRun(stop, async (say, signal) => {
      const { spec } = work as LocalWork;
      if (spec.cmd === null) return done;
      say.step('cmd');
      const exit = await runCommand(work as LocalWork, spec.cmd, ports, signal);
      if (stop.aborted) return { is: 'cancelled', by: 'stopped', images: [] };
      return exit.code === 0 ? done : failed(work as LocalWork, exit, ports);
    }),
};

const done: Outcome = {
  is: 'ok',
  result: { strategy: 'local', images: [], deployed: null, ledgers: {}, unchanged: false },
};

type Exit = Extract<ProcEvent, { is: 'exited' }>;

async function runCommand(work: LocalWork, cmd: string, ports: Ports, stop: AbortSignal): Promise<Exit> {
  const origin = { resource: work.resource, source: 'build' as const, run: work.run };
  const events$ = ports.proc.run({ cmd, dir: work.spec.dir, env: work.spec.env }, stop).pipe(
    tap((event) => {
      if (event.is === 'output') ports.logs.write(origin, event.chunk, ports.now());
    }),
  );
  const last = await lastValueFrom(events$);
  ports.logs.end(origin, ports.now());
  return last.is === 'exited' ? last : { is: 'exited', code: null, signal: null };
}

function failed(work: LocalWork, exit: Exit, ports: Ports): Outcome {
  const how = exit.signal ? `was ended by ${exit.signal}` : `exited with code ${exit.code}`;
  return {
    is: 'failed',
    phase: 'build',
    problem: {
      kind: 'step',
      code: 'S424',
      what: `${work.resource}: the command ${how}`,
      hint: `it ran in ${work.spec.dir}: ${shortened(work.spec.cmd ?? '', 200)}`,
      at: work.spec.at,
      logTail: ports.logs.tailText(
        { resources: [work.resource], sources: ['build'], runs: [work.run] },
        limits.problemLogLines,
      ),
    },
    images: [],
    ledgers: {},
    inconsistent: false,
  };
}
