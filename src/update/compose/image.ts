// The image of a service that is not built here: pulled as its `pull_policy` says, with the progress of the pull.
import { lastValueFrom, tap } from 'rxjs';
import type { ComposeSpec } from '../../model/config.ts';
import type { LogOrigin } from '../../model/log.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import { isProblemError, ProblemError } from '../../model/problems/problem.ts';
import type { ComposeWork } from '../../model/run.ts';
import { once } from '../../operators/promises/once.ts';
import { transfers } from '../image/progress/transfer-progress.ts';
import type { Saying } from '../strategy-run.ts';
import { nanosecondsOf } from './container/units.ts';

interface Pulling {
  readonly work: ComposeWork;
  readonly docker: DockerPort;
  readonly ports: Ports;
  readonly say: Saying;
  readonly stop: AbortSignal;
}

export interface FoundImage {
  readonly id: string;
  /** It took its time: what else was known before may be otherwise now. */
  readonly isPulled: boolean;
}

/** Once it is there. */
export async function pulledImage(pulling: Pulling): Promise<FoundImage> {
  const { spec } = pulling.work;
  const { pull_policy: policy = 'missing', platform = null } = spec.config;
  const look = () => pulling.docker.image(spec.image);
  const there = await once(pulling.docker.engine, `image ${spec.image}`, look, pulling.stop);
  if (there && !isDue(policy, there.createdAt, pulling)) return { id: there.id, isPulled: false };
  if (policy === 'never') throw new ProblemError(notThere(pulling.work));
  try {
    pulling.say.step(`pull ${spec.image}`);
    await pulledOnce(spec, platform, pulling, pulling.work.run);
  } catch (error) {
    // What is there will do where its registry cannot be asked.
    if (there && isProblemError(error) && policy !== 'always') return { id: there.id, isPulled: true };
    throw isProblemError(error) && !error.problem.at ? new ProblemError({ ...error.problem, at: spec.at }) : error;
  }
  const pulled = await pulling.docker.image(spec.image);
  if (!pulled) throw new ProblemError(notThere(pulling.work));
  return { id: pulled.id, isPulled: true };
}

/** Where it is missing: got as the run of the service would get it, which waits for this where it comes meanwhile. */
export async function pulledAhead(spec: ComposeSpec, ports: Ports, stop: AbortSignal): Promise<void> {
  const { pull_policy: policy, platform = null } = spec.config;
  if (policy === 'never') return;
  const docker = await ports.docker();
  const there = await once(docker.engine, `image ${spec.image}`, () => docker.image(spec.image), stop);
  if (there) return;
  const origin = { resource: spec.name, source: 'build' as const };
  ports.logs.line(origin, 'info', `pulling ${spec.image} while it waits`, ports.now());
  await pulledOnce(spec, platform, { docker, ports, stop });
}

/** `always` is once in a session, or each save of a file would ask the registry. */
function isDue(policy: string, createdAt: number, { work, ports }: Pulling): boolean {
  if (policy === 'always') return work.cause === 'first' || work.force;
  const every = policy === 'daily' ? '24h' : policy === 'weekly' ? '168h' : /^every_(.+)$/.exec(policy)?.[1];
  return every !== undefined && ports.now() - createdAt > (nanosecondsOf(every) ?? 0) / 1e6;
}

type Asking = Pick<Pulling, 'docker' | 'ports' | 'stop'>;

/** Services of one image wait for one pull; whoever asked first has its progress in the log. */
const pulledOnce = (
  { name, image }: ComposeSpec,
  platform: string | null,
  asking: Asking,
  run?: string,
): Promise<void> => {
  const origin = { resource: name, source: 'build' as const, ...(run === undefined ? {} : { run }) };
  const get = (stop: AbortSignal) => pull(image, platform, origin, { ...asking, stop });
  return once(asking.docker.engine, `pull ${image} ${platform ?? ''}`, get, asking.stop);
};

async function pull(
  ref: string,
  platform: string | null,
  origin: LogOrigin,
  { docker, ports, stop }: Asking,
): Promise<void> {
  const pulled = transfers('pull');
  const progress$ = docker.engine.pull(ref, platform, stop).pipe(
    tap((event) => {
      const text = pulled(event);
      if (text) ports.logs.write(origin, `${text}\r`, ports.now());
    }),
  );
  await lastValueFrom(progress$, { defaultValue: null }).finally(() => ports.logs.end(origin, ports.now()));
}

const notThere = ({ spec }: ComposeWork) => ({
  kind: 'yours' as const,
  code: 'S375',
  what: `${spec.service}: the image ${spec.image} is not there, and pull_policy is never`,
  hint: `docker pull ${spec.image}, or take pull_policy: never away`,
  at: spec.at,
});
