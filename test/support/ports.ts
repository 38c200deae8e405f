// In-memory ports with behaviour, for tests of sources and controllers. Those of files, processes and the network pass the same
// suites in test/contract as the real ones.
import { Duplex, PassThrough } from 'node:stream';
import { EMPTY, Observable, Subject } from 'rxjs';
import { createLogStore } from '../../src/logs/store.ts';
import type {
  ConfirmedChange,
  FilesPort,
  KubePort,
  KubeWatchEvent,
  NetPort,
  ProcEvent,
  ProcPort,
  ProcSpec,
  WatchEvent,
  WatchPlan,
} from '../../src/model/ports.ts';
import { ProblemError } from '../../src/model/problems/problem.ts';

export const memoryLogs = () => createLogStore({ dir: null });

export interface FakeFiles extends FilesPort {
  readonly plans: WatchPlan[];
  /** Open watches. */
  watches: number;
  tell(event: WatchEvent): void;
  /** Events of these paths; `confirm` finds each changed unless it is in `untouched`. */
  save(...paths: readonly string[]): void;
  readonly untouched: Set<string>;
  readonly confirmed: (readonly string[])[];
}

export function fakeFiles(targetOf: (path: string) => readonly string[] = () => ['local:gen']): FakeFiles {
  const events$ = new Subject<WatchEvent>();
  const fake: FakeFiles = {
    plans: [],
    watches: 0,
    untouched: new Set(),
    confirmed: [],
    tell: (event) => events$.next(event),
    save: (...paths) => events$.next({ is: 'raw', paths }),
    watch: (plan$) =>
      new Observable((subscriber) => {
        fake.watches++;
        subscriber.add(() => fake.watches--);
        subscriber.add(events$.subscribe(subscriber));
        subscriber.add(
          plan$.subscribe({ next: (plan) => fake.plans.push(plan), complete: () => subscriber.complete() }),
        );
      }),
    confirm: async (paths) => {
      fake.confirmed.push(paths);
      return paths
        .filter((path) => !fake.untouched.has(path))
        .map((path): ConfirmedChange => ({ path, kind: 'changed', targets: targetOf(path) }));
    },
    flush: async () => {},
  };
  return fake;
}

export interface FakeProcess {
  readonly spec: ProcSpec;
  readonly pid: number;
  isAlive: boolean;
  /** Asked to end by its signal. */
  isAsked: boolean;
  say(text: string): void;
  exit(code: number | null, signal?: string | null): void;
}

export interface FakeProc extends ProcPort {
  readonly processes: FakeProcess[];
  readonly alive: readonly FakeProcess[];
  /** port → who holds it. */
  readonly held: Map<number, string>;
}

/** Processes end when the test says so: `exit`. One that is asked to stop before it started never starts. */
export function fakeProc(): FakeProc {
  const processes: FakeProcess[] = [];
  return {
    processes,
    held: new Map(),
    get alive() {
      return processes.filter((it) => it.isAlive);
    },
    run: (spec, stop) =>
      new Observable<ProcEvent>((subscriber) => {
        if (stop.aborted) {
          subscriber.next({ is: 'exited', code: null, signal: null });
          subscriber.complete();
          return;
        }
        const it: FakeProcess = {
          spec,
          pid: 1_000 + processes.length,
          isAlive: true,
          isAsked: false,
          say: (text) => subscriber.next({ is: 'output', stream: 'stdout', chunk: Buffer.from(text) }),
          exit: (code, signal = null) => {
            it.isAlive = false;
            subscriber.next({ is: 'exited', code, signal });
            subscriber.complete();
          },
        };
        processes.push(it);
        const ask = () => {
          it.isAsked = true;
        };
        stop.addEventListener('abort', ask);
        subscriber.next({ is: 'started', pid: it.pid });
        return () => {
          it.isAlive = false;
          stop.removeEventListener('abort', ask);
        };
      }),
    async listener(port) {
      return this.held.get(port) ?? null;
    },
  };
}

/** Two ends of one connection. */
export function socketPair(): readonly [Duplex, Duplex] {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const end = (readable: PassThrough, writable: PassThrough): Duplex => {
    const duplex = Duplex.from({ readable, writable });
    duplex.on('error', () => {});
    return duplex;
  };
  return [end(back, there), end(there, back)];
}

export interface FakeNet extends NetPort {
  /** `host:port` of open listeners. */
  readonly listening: readonly string[];
  /** The client's end of a new connection to that port. */
  connect(port: number): Duplex;
  /** port → who holds it. */
  readonly held: Map<number, string>;
  readonly answers: Map<string, { readonly ok: boolean; readonly error: string }>;
  readonly asked: string[];
}

export function fakeNet(): FakeNet {
  const open = new Map<number, { host: string; accept: (socket: Duplex) => void }>();
  const fake: FakeNet = {
    held: new Map(),
    answers: new Map(),
    asked: [],
    get listening() {
      return [...open].map(([port, { host }]) => `${host}:${port}`);
    },
    connect(port) {
      const it = open.get(port);
      if (!it) throw new Error(`nobody listens on ${port}`);
      const [client, server] = socketPair();
      it.accept(server);
      return client;
    },
    listen: (host, port) =>
      new Observable((subscriber) => {
        const holder = fake.held.get(port) ?? (open.has(port) ? 'another' : null);
        if (holder !== null) {
          const what = `port ${host}:${port} is taken by ${holder}`;
          subscriber.error(new ProblemError({ kind: 'step', code: 'S430', what }));
          return;
        }
        const sockets = new Set<Duplex>();
        const accept = (socket: Duplex) => {
          sockets.add(socket);
          subscriber.next({ is: 'connection', socket });
        };
        open.set(port, { host, accept });
        subscriber.next({ is: 'listening', port });
        return () => {
          open.delete(port);
          for (const socket of sockets) socket.destroy();
        };
      }),
    async http(url) {
      fake.asked.push(url);
      return fake.answers.get(url) ?? { ok: false, error: `${url}: connection refused` };
    },
    async tcp(host, port) {
      fake.asked.push(`${host}:${port}`);
      return fake.answers.get(`${host}:${port}`) ?? { ok: false, error: `${host}:${port}: connection refused` };
    },
  };
  return fake;
}

export interface FakeKube {
  readonly port: KubePort;
  /** `kind namespace` of open watches. */
  readonly watches: Map<string, Subject<KubeWatchEvent>>;
  /** `pod/container` of log tails, in the order they were opened; `previous` ones with `!`. */
  readonly tails: {
    readonly name: string;
    readonly since: number | null;
    readonly lines$: Subject<{ at: number; text: string }>;
  }[];
  readonly deleted: string[];
  /** Pod → what happens to a connection to it. */
  dial: (pod: string, port: number) => Promise<Duplex>;
}

/** Only what sources and controllers ask for. */
export function fakeKube(): FakeKube {
  const fake: FakeKube = {
    watches: new Map(),
    tails: [],
    deleted: [],
    dial: () => Promise.reject(new Error('no pod')),
    port: {
      watch: (kind: string, namespace: string) =>
        new Observable<KubeWatchEvent>((subscriber) => {
          const events$ = new Subject<KubeWatchEvent>();
          fake.watches.set(`${kind} ${namespace}`, events$);
          subscriber.add(events$.subscribe(subscriber));
          subscriber.add(() => fake.watches.delete(`${kind} ${namespace}`));
        }),
      logs: (
        pod: { name: string; container: string },
        { since, previous = false }: { since: number | null; previous?: boolean },
      ) => {
        const lines$ = new Subject<{ at: number; text: string }>();
        fake.tails.push({ name: `${pod.name}/${pod.container}${previous ? '!' : ''}`, since, lines$ });
        return lines$;
      },
      delete: async ({ kind, name }: { kind: string; name: string }) => {
        fake.deleted.push(`${kind}/${name}`);
        return true;
      },
      get: async () => null,
      dial: (pod: { name: string }, port: number) => fake.dial(pod.name, port),
      events: () => EMPTY,
    } as unknown as KubePort,
  };
  return fake;
}
