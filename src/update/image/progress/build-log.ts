// What a builder says, on its way to the log and to the run's step: a step that takes its time is named while it runs, says
// every few seconds that it goes on where nothing else is heard, and says at its end how that came.
import { limits } from '../../../model/limits.ts';
import type { LogOrigin } from '../../../model/log.ts';
import type { BuildEvent } from '../../../model/ports.ts';
import type { Delivering } from '../registry.ts';
import { transfers } from './transfer-progress.ts';

interface Step {
  readonly name: string;
  readonly at: number;
  isNamed: boolean;
}

export interface BuildLog {
  tell(event: BuildEvent): void;
  /** To be called when the build is over, however it ended. */
  end(): void;
}

export function buildLog({ work, ports, say }: Pick<Delivering, 'work' | 'ports' | 'say'>): BuildLog {
  const origin = { resource: work.resource, source: 'build' as const, run: work.run };
  const running = new Map<string, Step>();
  const loading = loadingLine(origin, ports);
  let saidAt = ports.now();
  let said: string | null = null;
  const line = (level: 'info' | 'warn' | 'error', text: string): void => {
    saidAt = ports.now();
    ports.logs.line(origin, level, text, saidAt);
  };
  const look = (): void => {
    const now = ports.now();
    const newest = [...running.values()].at(-1);
    if (newest && said !== newest.name) say.step(newest.name);
    said = newest?.name ?? said;
    for (const step of running.values()) {
      if (step.isNamed || now - step.at < limits.stepNamedMs) continue;
      step.isNamed = true;
      line('info', step.name);
    }
    if (newest && now - saidAt >= limits.stepQuietMs)
      line('info', `${newest.name}  ${Math.round((now - newest.at) / 1_000)} s`);
  };
  const timer = setInterval(look, limits.stepNamedMs / 2);
  timer.unref();
  return {
    tell: (event) => {
      if (event.is === 'progress') loading.draw(event);
      else loading.end();
      if (event.is === 'output') {
        saidAt = ports.now();
        ports.logs.write(origin, event.text, saidAt);
      } else if (event.is === 'step' && event.state === 'started')
        running.set(event.id, { name: event.name, at: ports.now(), isNamed: false });
      else if (event.is === 'step') {
        running.delete(event.id);
        line(event.state === 'failed' ? 'error' : event.state === 'cancelled' ? 'warn' : 'info', ended(event));
      }
    },
    end: () => {
      clearInterval(timer);
      for (const { name, at } of running.values())
        line('warn', `${name} was stopped after ${Math.round((ports.now() - at) / 100) / 10} s`);
      ports.logs.end(origin, ports.now());
    },
  };
}

/** Drawn over and over while layers come; it ends where anything else is said, or it would stand beside the steps that follow. */
function loadingLine(origin: LogOrigin, { logs, now }: Delivering['ports']) {
  const loaded = transfers('load');
  let isDrawn = false;
  return {
    draw(event: Parameters<typeof loaded>[0]): void {
      const text = loaded(event);
      if (text === '') return;
      logs.write(origin, `${text}\r`, now());
      isDrawn = true;
    },
    end(): void {
      if (isDrawn) logs.end(origin, now());
      isDrawn = false;
    },
  };
}

function ended({ name, state, ms }: Extract<BuildEvent, { is: 'step' }>): string {
  if (state === 'cached') return `${name} (cached)`;
  const took = ms === undefined ? '' : ` (${ms} ms)`;
  return state === 'done' ? `${name}${took}` : `${name} ${state === 'failed' ? 'failed' : 'was stopped'}${took}`;
}
