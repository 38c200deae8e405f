// Processes of this machine, behind the port.
import { Observable, type Subscription } from 'rxjs';
import type { ProcPort } from '../../model/ports.ts';
import { listener } from './listener.ts';
import { run } from './run.ts';

/** `close` kills at once whatever still runs: a session that ends leaves no process behind. */
export function createProc(): ProcPort & { close(): void } {
  const open = new Set<Subscription>();
  return {
    listener,
    run: (spec, stop, graceMs) =>
      new Observable((subscriber) => {
        open.add(subscriber);
        subscriber.add(() => open.delete(subscriber));
        subscriber.add(run(spec, stop, graceMs).subscribe(subscriber));
      }),
    close() {
      for (const running of [...open]) running.unsubscribe();
    },
  };
}
