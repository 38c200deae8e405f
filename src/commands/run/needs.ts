// What the service of a one-off needs runs before it, as with `docker compose run`: where some of it does not, `up --once` brings
// it up, in a process of its own whose output is none of the command's.
import { lastValueFrom, tap } from 'rxjs';
import { exitCodes } from '../../engine/verdict.ts';
import { composeLabels, projectLabel } from '../../model/compose/names.ts';
import { allNeeds } from '../../model/config/all-needs.ts';
import type { ComposeSpec } from '../../model/config.ts';
import type { EngineContainer } from '../../model/ports/containers.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import { lookup } from '../../model/text/lookup.ts';

/** 0, or the exit code of the `up` that did not bring it up; why stands on stderr. */
export async function bringUpNeeds(
  spec: ComposeSpec,
  specs: readonly ComposeSpec[],
  { file, dir }: { readonly file: string; readonly dir: string },
  ports: Pick<Ports, 'docker' | 'proc'>,
  stop: AbortSignal,
): Promise<number> {
  const needs = needsOf(spec, specs);
  if (needs.length === 0 || (await areUp(needs, await ports.docker(), stop))) return 0;
  const names = needs.map(({ name }) => name);
  const cmd = [process.execPath, process.argv[1] ?? '', 'up', '--once', '--plain', '--no-logs', '-f', file, ...names];
  const events$ = ports.proc.run({ cmd, dir, env: {} }, stop).pipe(
    tap((event) => {
      if (event.is === 'output') process.stderr.write(event.chunk);
    }),
  );
  const last = await lastValueFrom(events$);
  return last.is === 'exited' ? (last.code ?? exitCodes.interrupted) : exitCodes.other;
}

/** Services of the same project, and what these need in turn. */
function needsOf({ name }: ComposeSpec, specs: readonly ComposeSpec[]): readonly ComposeSpec[] {
  const byName = Object.fromEntries(specs.map((each) => [each.name, each]));
  const needed = allNeeds(name, (each) => (lookup(byName, each)?.needs ?? []).map((need) => need.name));
  return [...needed].flatMap((each) => lookup(byName, each) ?? []);
}

async function areUp(needs: readonly ComposeSpec[], docker: DockerPort, stop: AbortSignal): Promise<boolean> {
  const [first] = needs;
  const label = projectLabel(first?.compose.name ?? '');
  const all = (await docker.engine.list([label], stop)).filter(({ labels }) => labels[composeLabels.oneoff] !== 'True');
  return needs.every(({ service }) => {
    const own = all.filter(({ labels }) => labels[composeLabels.service] === service);
    return own.length > 0 && own.every(isUp);
  });
}

/** Running and healthy, or a one-off that has ended well. */
const isUp = ({ state, health, exitCode }: EngineContainer): boolean =>
  state === 'running' ? health === null || health.status === 'healthy' : state === 'exited' && exitCode === 0;
