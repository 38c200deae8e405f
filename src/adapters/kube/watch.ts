// list + watch with bookmarks, for ever: relists after 410, comes back at once after a clean end and with growing pauses
// after a fault. client-node's informer dies when a handler throws and goes on after it was stopped.
import type { Observable } from 'rxjs';
import type { KubeObject } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import type { KubeWatchEvent, WatchedKind } from '../../model/ports.ts';
import { problemCodes } from '../../model/problems/code-names.ts';
import { hasCode, isProblemError, ProblemError, problemOf } from '../../model/problems/problem.ts';
import { lineSplitter } from '../../model/text/line-splitter.ts';
import { fromAsync } from '../../operators/from-async.ts';
import { onAbort } from '../../operators/promises/on-abort.ts';
import { readStatus, statusProblem } from './failure.ts';
import { asProblem, type KubeHttp } from './http.ts';
import { pathOf, type ResourceKind } from './objects/discovery.ts';
import { listAll, withoutManagedFields } from './objects/objects.ts';
import { growingPauses, pause } from './pause.ts';
import type { Answer } from './streams.ts';

const watchedKinds: Readonly<Record<WatchedKind, ResourceKind>> = {
  pods: { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  services: { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true },
  events: { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true },
  endpointslices: {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    plural: 'endpointslices',
    namespaced: true,
  },
  deployments: { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  statefulsets: { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true },
  daemonsets: { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets', namespaced: true },
  replicasets: { apiVersion: 'apps/v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced: true },
  replicationcontrollers: {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    namespaced: true,
  },
  jobs: { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true },
};

/** What is watched: one kind in a namespace ('' is all of them, which needs rights on the whole cluster). */
interface Watched {
  readonly kind: ResourceKind;
  readonly namespace: string;
  readonly labelSelector: string | undefined;
}

/** The server's memory does not reach back to our resourceVersion: only a new list helps. */
class Expired extends Error {}

type Emit = (event: KubeWatchEvent) => void;

const uidOf = (object: KubeObject): string => String(object.metadata.uid ?? '');
const versionOf = (object: KubeObject): string => String(object.metadata.resourceVersion ?? '');

/** One watch over its reconnects. `seen` holds uid → resourceVersion, so that a relist tells only what is new. */
class WatchSession {
  readonly seen = new Map<string, string>();
  version: string | null = null;
  private isHealthy: boolean | null = null;
  private readonly emit: Emit;
  private readonly kind: ResourceKind;

  constructor(emit: Emit, kind: ResourceKind) {
    this.emit = emit;
    this.kind = kind;
  }

  health(ok: boolean, problem: ProblemError | null): void {
    if (ok && this.isHealthy) return;
    this.isHealthy = ok;
    this.emit({ is: 'health', ok, problem: problem?.problem ?? null });
  }

  see(object: KubeObject): void {
    if (this.isNews(object)) this.emit({ is: 'seen', object });
  }

  listed(items: readonly KubeObject[], version: string): void {
    const uids = items.map(uidOf);
    const present = new Set(uids);
    for (const uid of this.seen.keys()) if (!present.has(uid)) this.seen.delete(uid);
    const objects = items.filter((item) => this.isNews(item));
    this.version = version;
    this.emit({ is: 'listed', uids, objects });
  }

  private isNews(object: KubeObject): boolean {
    if (this.seen.get(uidOf(object)) === versionOf(object)) return false;
    this.seen.set(uidOf(object), versionOf(object));
    return true;
  }

  /** One line of the stream. Throws Expired or a ProblemError for an ERROR event. */
  event(line: Buffer): void {
    const { type, object } = JSON.parse(line.toString()) as { type: string; object: KubeObject };
    if (type === 'ERROR') {
      const status = readStatus(object, 500);
      if (status.code === 410) throw new Expired();
      throw new ProblemError(statusProblem({ verb: 'watch', kind: this.kind.plural }, status));
    }
    this.version = versionOf(object) || this.version;
    if (type === 'BOOKMARK') return;
    const known = withoutManagedFields({ ...object, apiVersion: this.kind.apiVersion, kind: this.kind.kind });
    if (type === 'DELETED') {
      this.seen.delete(uidOf(known));
      this.emit({ is: 'gone', object: known });
    } else this.see(known);
  }
}

/** Resolves at a clean end of the stream; rejects when it broke or carried an error. */
function readEvents(response: Answer, session: WatchSession, stops: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(
      () => response.destroy(new Error('watch went silent')),
      (limits.kubeWatchS + 90) * 1_000,
    ).unref();
    const off = onAbort(stops, () => response.destroy());
    const splitter = lineSplitter(limits.kubeEventBytes, (line, cut) => {
      if (stops.some((stop) => stop.aborted) || line.length === 0) return;
      if (cut) throw new Error('event too large');
      session.event(line);
    });
    response.on('data', (chunk: Buffer) => {
      try {
        splitter.push(chunk);
      } catch (error) {
        response.destroy(error as Error);
      }
    });
    const settle = (error?: Error | null) => {
      clearTimeout(deadline);
      off();
      if (error) reject(error);
      else if (response.complete || stops.some((stop) => stop.aborted)) resolve();
      else reject(Object.assign(new Error('connection lost'), { code: 'ECONNRESET' }));
    };
    response.on('error', settle);
    response.on('close', () => settle());
  });
}

async function connectOnce(
  http: KubeHttp,
  { kind, namespace, labelSelector }: Watched,
  session: WatchSession,
  stop: AbortSignal,
) {
  const path = pathOf(kind, namespace === '' ? null : namespace);
  const subject = { verb: 'list', kind: kind.plural, namespace };
  if (session.version === null) {
    const { items, resourceVersion } = await listAll(http, { path, subject, query: { labelSelector } }, kind, stop);
    if (stop.aborted) return;
    session.listed(items, resourceVersion);
  }
  const query = {
    watch: 'true',
    labelSelector,
    allowWatchBookmarks: 'true',
    resourceVersion: session.version ?? '',
    timeoutSeconds: String(limits.kubeWatchS + Math.floor(Math.random() * 60)),
  };
  const response = await http.open({ path, query, subject: { ...subject, verb: 'watch' }, stays: true }, stop);
  session.health(true, null);
  await readEvents(response, session, [stop, http.closed]);
}

const isExpired = (error: unknown): boolean => error instanceof Expired || hasCode(error, problemCodes.stateNotKept);

async function keepWatching(http: KubeHttp, watched: Watched, emit: Emit, stop: AbortSignal) {
  const session = new WatchSession(emit, watched.kind);
  const pauses = growingPauses();
  while (!stop.aborted && !http.closed.aborted) {
    const startedAt = performance.now();
    const before = session.version;
    try {
      await connectOnce(http, watched, session, stop);
      // A proxy that ends each watch at once, without a word, must not make us spin.
      if (performance.now() - startedAt < 1_000 && session.version === before) await pause(pauses.next(), stop);
      else pauses.calm();
    } catch (error) {
      if (stop.aborted || http.closed.aborted) return;
      if (isExpired(error)) {
        // Right after a list: the servers behind a load balancer disagree, and asking at once again would not help.
        if (before === null) await pause(pauses.next(), stop);
        session.version = null;
        continue;
      }
      const problem = asProblem(error, http.access.server);
      session.health(false, isProblemError(problem) ? problem : new ProblemError(problemOf(problem)));
      const isDenied = isProblemError(problem) && problem.problem.kind === 'denied';
      // No progress since the last try: the version itself may be what the server cannot serve (restored from a backup).
      if (session.version === before) session.version = null;
      if (performance.now() - startedAt > limits.feedHealthyMs) pauses.calm();
      await pause(isDenied ? limits.deniedRetryMs : pauses.next(), stop, http.back);
    }
  }
}

/** Watches one kind in a namespace, all of them or those whose labels match. Never errors. */
export function watchKind(
  http: KubeHttp,
  kind: WatchedKind,
  namespace: string,
  labelSelector?: string,
): Observable<KubeWatchEvent> {
  return fromAsync((emit, stop) =>
    keepWatching(http, { kind: watchedKinds[kind], namespace, labelSelector }, emit, stop),
  );
}
