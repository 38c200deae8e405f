// A service brought up: its networks and volumes, its image, and as many containers as it has replicas.
import type { Observable } from 'rxjs';
import { composeNamespace } from '../../model/compose/names.ts';
import type { EngineContainer } from '../../model/ports/containers.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import type { BuiltImage, ComposeWork, Deployed, Outcome, RunEvent } from '../../model/run.ts';
import { forgetTouched, touchedBefore } from '../live/filled-containers.ts';
import { type Saying, strategyRun } from '../strategy-run.ts';
import { hashWith } from './container/shared-containers.ts';
import { Containers } from './containers.ts';
import { converge, type Step, type Wanted } from './converge.ts';
import { pulledImage } from './image.ts';
import { ensureNetworks, ensureVolumes, type NetworkIds } from './project-parts.ts';
import { containersOf, firstContainersOf, othersOf } from './service-containers.ts';

/** Ends with one outcome. What is as it should be is left alone, whoever made it. */
export function composeUp(
  work: ComposeWork,
  built: readonly BuiltImage[],
  stop: AbortSignal,
  ports: Ports,
  strategy: string,
): Observable<RunEvent> {
  return strategyRun(stop, async (say, signal): Promise<Outcome> => {
    for (const image of built) say.built(image);
    const docker = await ports.docker();
    const tell = (text: string) =>
      ports.logs.line({ resource: work.resource, source: 'build', run: work.run }, 'info', text, ports.now());
    const found = await groundOf({ work, built, docker, ports, say, tell, stop: signal });
    const { steps, spoiled } = await stepsFor(work, found, ports);
    const containers = await new Containers({ ...found, work, docker, ports, tell, stop: signal }).carryOut(steps);
    // Also where there was nothing to do.
    await found.networks;
    if (spoiled) await forgetTouched(work, ports);
    const madeOf = { hash: hashWith(work.spec, found.others), image: found.imageId };
    const isUnchanged = steps.every(({ does }) => does === 'keep');
    if (!isUnchanged) tellOfBinds(work, tell);
    return {
      is: 'ok',
      result: {
        strategy: isUnchanged ? 'unchanged' : built.length > 0 ? strategy : 'deploy',
        images: built,
        deployed: { ...deployedOf(work), containers, madeOf },
        replaced: steps.flatMap((step) =>
          step.does === 'remake' || step.does === 'remove' ? [step.container.id] : [],
        ),
        startedAgain: steps.flatMap((step) =>
          step.does === 'start' ? [{ uid: step.container.id, startedAt: step.container.startedAt }] : [],
        ),
        ledgers: {},
        unchanged: isUnchanged,
      },
    };
  });
}

interface Preparing {
  readonly work: ComposeWork;
  readonly built: readonly BuiltImage[];
  readonly docker: DockerPort;
  readonly ports: Ports;
  readonly say: Saying;
  readonly tell: (text: string) => void;
  readonly stop: AbortSignal;
}

/** What its containers stand on, and those that are there. */
interface Ground extends Pick<Wanted, 'imageId' | 'others'> {
  readonly networks: Promise<NetworkIds>;
  readonly there: readonly EngineContainer[];
}

/** All is asked for at once, but for what a pull has to come before: nothing is made for what cannot be pulled. */
async function groundOf(preparing: Preparing): Promise<Ground> {
  const { work, built, docker, ports, say, stop } = preparing;
  const soon = thereSoon(work, docker, stop);
  const own = ownImage(work, built);
  const image = own ? { id: own.id, isPulled: false } : await pulledImage({ work, docker, ports, say, stop });
  const parts = await partsOf(preparing);
  const there = (!image.isPulled && (await soon)) || (await thereNow(work, docker, stop));
  return { imageId: image.id, ...parts, there };
}

/** Networks may take longer: what waits for them meets their failure. */
async function partsOf({ work, docker, say, tell, stop }: Preparing): Promise<Pick<Ground, 'networks' | 'others'>> {
  say.phase('deploy');
  say.step('deploy');
  const asked = [work.spec, docker.engine, tell, stop] as const;
  const networks = ensureNetworks(...asked);
  networks.catch(() => {});
  const [others] = await Promise.all([othersOf(work.spec, docker.engine, stop), ensureVolumes(...asked)]);
  return { networks, others };
}

/** Docker binds what is on its own machine: sources of this one are not there. */
function tellOfBinds({ spec, machine }: ComposeWork, tell: (text: string) => void): void {
  const bound = (spec.config.volumes ?? []).flatMap(({ type, source }) => (type === 'bind' && source ? [source] : []));
  if (machine !== undefined && bound.length > 0) tell(`bound from ${machine}, not from here: ${bound.join(', ')}`);
}

/** The one that was built just now or before, which bears the name of the service; null where it is pulled. */
const ownImage = ({ spec: { image }, images }: ComposeWork, built: readonly BuiltImage[]): BuiltImage | null =>
  built.find(({ ref }) => ref === image) ?? images.find(({ spec }) => spec.ref === image)?.last ?? null;

const thereNow = ({ spec }: ComposeWork, docker: DockerPort, stop: AbortSignal) =>
  containersOf(spec.compose.name, spec.service, docker.engine, stop);

/** Asked for while the image is looked at; null where that failed: it is asked for again, and fails in its place. */
const thereSoon = (work: ComposeWork, docker: DockerPort, stop: AbortSignal) =>
  (work.cause === 'first'
    ? firstContainersOf(work.spec.compose.name, work.spec.service, docker.engine, stop)
    : thereNow(work, docker, stop)
  ).catch(() => null);

async function stepsFor(
  work: ComposeWork,
  { there, imageId, others, networks }: Ground,
  ports: Ports,
): Promise<{ readonly steps: readonly Step[]; readonly spoiled: boolean }> {
  const touched = await touchedBefore(work, ports);
  const spoiled = new Set(there.filter(({ id }) => touched.has(`docker://${id}`)).map(({ id }) => id));
  const force = work.force || work.cause === 'restart' || (work.anew?.recreate ?? false);
  // Where there is none yet, none is in the wrong network.
  const by = { imageId, others, networks: there.length > 0 ? await networks : {} };
  return { steps: converge(there, { spec: work.spec, ...by, force, spoiled }), spoiled: spoiled.size > 0 };
}

const deployedOf = ({ spec, images }: ComposeWork): Deployed => ({
  objects: [],
  templates: [],
  namespace: composeNamespace(spec.compose.name),
  alreadyDone: false,
  images: Object.fromEntries(images.map(({ spec: { ref } }) => [ref, ref])),
});
