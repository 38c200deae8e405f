// Processes of this machine, behind the port.
import { randomUUID } from 'node:crypto';
import { finalize, Observable, Subject, type Subscription, tap } from 'rxjs';
import type { ProcPort } from '../../model/ports.ts';
import { listener } from './listener.ts';
import { type ProcessId, processOf } from './process-table.ts';
import { run } from './run.ts';
import { type Traces, thisMachine } from './survivors.ts';

/** What runs, as it is noted for the case that this process is killed. */
export interface Running {
  readonly mark: string;
  traces(): Traces;
  /** A command has begun or ended. */
  readonly changed$: Observable<void>;
}

/** `close` kills at once whatever still runs: a session that ends leaves no process behind. */
export function createProc(): ProcPort & { readonly running: Running; close(): void } {
  const open = new Set<Subscription>();
  const leaders = new Map<number, ProcessId>();
  const changed$ = new Subject<void>();
  const mark = randomUUID();
  let count = 0;
  // Copied once: each look at a variable of process.env asks the C library.
  const inherited = { ...process.env };
  const began = (pid: number): void => {
    leaders.set(pid, { pid, started: processOf(pid)?.started ?? 0 });
    changed$.next();
  };
  const ended = (pid: number): void => {
    if (leaders.delete(pid)) changed$.next();
  };
  return {
    listener,
    running: {
      mark,
      changed$,
      traces: () => ({
        mark,
        machine: thisMachine(),
        session: { pid: process.pid, started: processOf(process.pid)?.started ?? 0 },
        leaders: [...leaders.values()],
      }),
    },
    run: (spec, stop, graceMs) =>
      new Observable((subscriber) => {
        let leader = 0;
        const events$ = run(spec, stop, graceMs, `${mark}.${++count}`, inherited).pipe(
          tap((event) => {
            if (event.is !== 'started') return;
            leader = event.pid;
            began(leader);
          }),
          finalize(() => ended(leader)),
        );
        open.add(subscriber);
        subscriber.add(() => open.delete(subscriber));
        subscriber.add(events$.subscribe(subscriber));
      }),
    close() {
      for (const running of [...open]) running.unsubscribe();
    },
  };
}
