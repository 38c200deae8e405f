// Watching files, behind the port: starts the worker, hands on what it says, and starts another when it dies.
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Observable } from 'rxjs';
import { limits } from '../../model/limits.ts';
import type { ConfirmedChange, FilesPort, WatchEvent, WatchPlan } from '../../model/ports.ts';
import type { FromWorker, ToWorker, WorkerStart } from './watch/messages.ts';

export interface FilesOptions {
  /** The bundled watch-worker.ts; by default it lies beside the bundle this is part of. */
  readonly workerUrl?: URL;
  /** By default handles per directory on Linux, chokidar elsewhere (FSEvents on macOS). */
  readonly backend?: WorkerStart['backend'];
}

type Request = Extract<ToWorker, { id: number }>;

interface Waiting {
  readonly request: Request;
  answer(changes: readonly ConfirmedChange[]): void;
}

/** One watch at a time; `confirm` and `flush` speak of it, and have nothing to say while there is none. */
export function createFiles({
  workerUrl = besideBundle(),
  backend = process.platform === 'linux' ? 'directories' : 'chokidar',
}: FilesOptions = {}): FilesPort {
  let watcher: Watcher | null = null;
  const ask = (request: (id: number) => Request) => watcher?.ask(request) ?? Promise.resolve([]);
  return {
    watch: (plan$) =>
      new Observable((subscriber) => {
        const mine = new Watcher(workerUrl, backend, (event) => subscriber.next(event));
        watcher = mine;
        subscriber.add(() => {
          if (watcher === mine) watcher = null;
          mine.close();
        });
        subscriber.add(
          plan$.subscribe({
            next: (plan) => mine.follow(plan),
            error: (error) => subscriber.error(error),
            complete: () => subscriber.complete(),
          }),
        );
      }),
    confirm: (paths) => ask((id) => ({ do: 'confirm', id, paths })),
    flush: async () => void (await ask((id) => ({ do: 'flush', id }))),
  };
}

/** A chunk of the bundle may lie one directory deeper than the entries. */
function besideBundle(): URL {
  const beside = new URL('./watch-worker.js', import.meta.url);
  return existsSync(beside) ? beside : new URL('../watch-worker.js', import.meta.url);
}

class Watcher {
  private readonly url: URL;
  private readonly backend: WorkerStart['backend'];
  private readonly tell: (event: WatchEvent) => void;
  private worker: Worker | null = null;
  private plan: WatchPlan | null = null;
  private snapshot: SharedArrayBuffer | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private count = 0;
  private pause: number = limits.watchRestartFirstMs;
  private timer: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(url: URL, backend: WorkerStart['backend'], tell: (event: WatchEvent) => void) {
    this.url = url;
    this.backend = backend;
    this.tell = tell;
  }

  follow(plan: WatchPlan): void {
    this.plan = plan;
    if (this.worker) this.send({ do: 'plan', plan });
    else if (!this.timer) this.start(null);
  }

  ask(request: (id: number) => Request): Promise<readonly ConfirmedChange[]> {
    return new Promise((answer) => {
      const id = this.count++;
      const waiting = { request: request(id), answer };
      this.waiting.set(id, waiting);
      this.send(waiting.request);
    });
  }

  close(): void {
    this.isClosed = true;
    if (this.timer) clearTimeout(this.timer);
    this.worker?.unref();
    void this.worker?.terminate();
    for (const { answer } of this.waiting.values()) answer([]);
    this.waiting.clear();
  }

  private send(message: ToWorker): void {
    this.worker?.postMessage(message);
  }

  private start(because: string | null): void {
    const start: WorkerStart = { backend: this.backend, snapshot: this.snapshot, because };
    const worker = new Worker(this.url, { workerData: start, name: 'sluice-watch' });
    this.worker = worker;
    let reason = 'it ended';
    worker.on('message', (message: FromWorker) => this.receive(message));
    worker.on('error', (error) => {
      reason = error.message;
    });
    worker.on('exit', () => {
      if (!this.isClosed && this.worker === worker) this.restart(reason);
    });
    if (this.plan) this.send({ do: 'plan', plan: this.plan });
    // What the dead one did not answer.
    for (const { request } of this.waiting.values()) this.send(request);
  }

  private restart(reason: string): void {
    this.worker = null;
    const what = `watching files broke down: ${reason}`;
    this.tell({ is: 'problem', problem: { kind: 'unavailable', code: 'S506', what, hint: 'it is started again' } });
    this.timer = setTimeout(() => {
      this.timer = null;
      this.start(what);
    }, this.pause);
    this.pause = Math.min(this.pause * 2, limits.watchRestartMaxMs);
  }

  private receive(message: FromWorker): void {
    if (this.isClosed) return;
    if (message.is === 'snapshot') this.snapshot = message.snapshot;
    else if (message.is === 'event') this.tellEvent(message.event);
    else {
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      waiting?.answer(message.is === 'confirmed' ? message.changes : []);
    }
  }

  private tellEvent(event: WatchEvent): void {
    if (event.is === 'raw') this.send({ do: 'more' });
    if (event.is === 'ready') this.pause = limits.watchRestartFirstMs;
    this.tell(event);
  }
}
