// Containers of the Compose projects of the configuration, as facts: all of them once, then each as the daemon tells of it.
import {
  BehaviorSubject,
  catchError,
  combineLatest,
  defer,
  distinctUntilChanged,
  EMPTY,
  filter,
  finalize,
  from,
  last,
  map,
  merge,
  mergeMap,
  type Observable,
  switchMap,
  take,
  takeUntil,
} from 'rxjs';
import type { Feed } from '../../engine/engine.ts';
import { lanes } from '../../engine/lanes.ts';
import { composeNamespace, projectLabel } from '../../model/compose/names.ts';
import type { Fact } from '../../model/fact.ts';
import { daemonHost } from '../../model/hosts/daemon-host.ts';
import { limits } from '../../model/limits.ts';
import { readContainer } from '../../model/pods/container-reading.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import type { EngineState } from '../../model/state.ts';
import { abortable } from '../../operators/abortable.ts';
import { bufferWhile } from '../../operators/buffer-while.ts';
import { onceMore } from '../../operators/once-more.ts';
import { anew } from '../../operators/promises/once.ts';
import { unlessFollowed } from '../../operators/unless-followed.ts';

type ContainerPorts = Pick<Ports, 'docker' | 'now'>;

export const containers: Feed<ContainerPorts> = {
  name: 'containers',
  run: (state$, ports) =>
    state$.pipe(
      distinctUntilChanged((a, b) => a.config.current === b.config.current && a.docker.ok === b.docker.ok),
      map(projectsIn),
      lanes('containers', ports, (project, wanted$: Observable<Daemon>) =>
        combineLatest([defer(() => from(ports.docker())), wanted$.pipe(take(1))]).pipe(
          switchMap(([docker, { host }]) => watch(project, docker, host)),
          takeUntil(wanted$.pipe(last(null, null))),
        ),
      ),
    ),
};

interface Daemon {
  /** Its machine, null for this one. */
  readonly host: string | null;
}

/** None while Docker is away: it is asked anew when it is back. */
function projectsIn({ config, docker }: EngineState): Readonly<Record<string, Daemon>> {
  const projects: Record<string, Daemon> = {};
  if (!docker.ok) return projects;
  const daemon = { host: daemonHost(docker.info?.host) };
  for (const spec of Object.values(config.current?.resources ?? {}))
    if (spec.kind === 'compose') projects[spec.compose.name] = daemon;
  return projects;
}

/** What happens while the list is read is heard too, and looked at after it. */
function watch(project: string, docker: DockerPort, host: string | null): Observable<Fact> {
  return defer(() => {
    const isListing$ = new BehaviorSubject(true);
    const changed$ = docker.events(projectLabel(project)).pipe(
      catchError(() => EMPTY),
      filter(({ action }) => !changesNothing(action)),
      unlessFollowed({
        isFollowed: ({ action }) => isFollowed.has(action),
        key: ({ id }) => id,
        withinMs: limits.dockerFollowedMs,
      }),
      map(({ id }) => [id]),
      bufferWhile(isListing$),
      mergeMap((ids) => ids),
      onceMore((id) => look(id, docker, host)),
    );
    return merge(changed$, list(project, docker, host).pipe(finalize(() => isListing$.next(false))));
  });
}

/** What is done in a container, or with its files, and a signal: what ends by it is told of by itself. */
const changesNothing = (action: string): boolean => action.startsWith('exec_') || idle.has(action);
const idle: ReadonlySet<string> = new Set([
  'archive-path',
  'attach',
  'commit',
  'copy',
  'detach',
  'export',
  'extract-to-dir',
  'kill',
  'resize',
  'top',
]);

/** What was made is started, and what gets another name takes the place of one that goes. */
const isFollowed: ReadonlySet<string> = new Set(['create', 'rename']);

function list(project: string, docker: DockerPort, host: string | null): Observable<Fact> {
  const { engine } = docker;
  const label = projectLabel(project);
  // First runs of services ask for the same at the same time.
  const all = async (stop: AbortSignal) => {
    const found = await anew(engine, label, (shared) => engine.summaries([label], shared), stop);
    return Promise.all(found.map(({ id }) => anew(engine, id, (shared) => engine.look(id, shared), stop)));
  };
  return abortable(all).pipe(
    mergeMap((found) => {
      const pods = found.flatMap((container) => (container ? (readContainer(container, host) ?? []) : []));
      const uids = pods.map(({ uid }) => uid);
      return from<Fact[]>([
        { type: 'pods/listed', namespace: composeNamespace(project), uids },
        ...pods.map((pod): Fact => ({ type: 'pod/seen', pod })),
      ]);
    }),
  );
}

const look = (id: string, docker: DockerPort, host: string | null): Observable<Fact> =>
  abortable((stop) => docker.engine.look(id, stop)).pipe(
    mergeMap((container): readonly Fact[] => {
      if (container === null) return [{ type: 'pod/gone', uid: id }];
      const pod = readContainer(container, host);
      return pod ? [{ type: 'pod/seen', pod }] : [];
    }),
  );
