// Containers of the Compose projects of the configuration, as facts: all of them once, then each as the daemon tells of it.
import {
  catchError,
  concatMap,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  filter,
  from,
  last,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  switchMap,
  takeUntil,
} from 'rxjs';
import type { Feed } from '../../engine/engine.ts';
import { lanes } from '../../engine/lanes.ts';
import { composeLabels, composeNamespace, projectLabel } from '../../model/compose-names.ts';
import { readContainer } from '../../model/container-reading.ts';
import type { Fact } from '../../model/fact.ts';
import { lookup } from '../../model/lookup.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import type { EngineState } from '../../model/state.ts';
import { abortable } from '../../operators/abortable.ts';
import { anew } from '../../operators/once.ts';

type ContainerPorts = Pick<Ports, 'docker' | 'now'>;

export const containers: Feed<ContainerPorts> = {
  name: 'containers',
  run: (state$, ports) =>
    state$.pipe(
      distinctUntilChanged((a, b) => a.config.current === b.config.current && a.docker.ok === b.docker.ok),
      map(projectsIn),
      lanes('containers', ports, (project, wanted$: Observable<true>) =>
        defer(() => from(ports.docker())).pipe(
          switchMap((docker) => watch(project, docker)),
          takeUntil(wanted$.pipe(last(null, null))),
        ),
      ),
    ),
};

/** None while Docker is away: it is asked anew when it is back. */
function projectsIn({ config, docker }: EngineState): Readonly<Record<string, true>> {
  const projects: Record<string, true> = {};
  if (!docker.ok) return projects;
  for (const spec of Object.values(config.current?.resources ?? {}))
    if (spec.kind === 'compose') projects[spec.compose.name] = true;
  return projects;
}

/** What happens while the list is read is heard too, and looked at after it. */
function watch(project: string, docker: DockerPort): Observable<Fact> {
  const changed$ = docker.events().pipe(
    catchError(() => EMPTY),
    filter(
      ({ type, action, labels }) =>
        type === 'container' && !action.startsWith('exec_') && lookup(labels, composeLabels.project) === project,
    ),
    map(({ id }) => id),
  );
  const label = projectLabel(project);
  const list = (stop: AbortSignal) => docker.engine.list([label], stop);
  const list$ = abortable((stop) => anew(docker.engine, label, list, stop)).pipe(
    mergeMap((all) => {
      const pods = all.flatMap((container) => readContainer(container) ?? []);
      const uids = pods.map(({ uid }) => uid);
      return from<Fact[]>([
        { type: 'pods/listed', namespace: composeNamespace(project), uids },
        ...pods.map((pod): Fact => ({ type: 'pod/seen', pod })),
      ]);
    }),
  );
  return merge(changed$.pipe(map((id) => look(id, docker))), of(list$)).pipe(
    // One look after the other: an older one never overtakes a newer.
    concatMap((facts$) => facts$),
    endWith<Fact | null>(null),
    filter((fact) => fact !== null),
  );
}

const look = (id: string, docker: DockerPort): Observable<Fact> =>
  abortable((stop) => docker.engine.look(id, stop)).pipe(
    mergeMap((container): readonly Fact[] => {
      if (container === null) return [{ type: 'pod/gone', uid: id }];
      const pod = readContainer(container);
      return pod ? [{ type: 'pod/seen', pod }] : [];
    }),
  );
