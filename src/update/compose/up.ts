// A service brought up: its networks and volumes, its image, and as many containers as it has replicas.
import type { Observable } from 'rxjs';
import { composeNamespace } from '../../model/compose-names.ts';
import type { EngineContainer } from '../../model/ports/containers.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import type { BuiltImage, ComposeWork, Deployed, Outcome, RunEvent } from '../../model/run.ts';
import { forgetTouched, touchedBefore } from '../live/filled-containers.ts';
import { type Saying, strategyRun } from '../strategy-run.ts';
import { Containers } from './containers.ts';
import { converge, type Step, type Wanted } from './converge.ts';
import { type FoundImage, pulledImage } from './image.ts';
import { ensureParts } from './project-parts.ts';
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
    const atFirst = work.cause === 'first' ? thereAtFirst(work, docker, signal) : null;
    const image = await imageOf(work, built, docker, ports, say, signal);
    const imageId = image.id;
    say.phase('deploy');
    say.step('deploy');
    const tell = (text: string) =>
      ports.logs.line({ resource: work.resource, source: 'build', run: work.run }, 'info', text, ports.now());
    const [networks, others] = await Promise.all([
      ensureParts(work.spec, docker.engine, tell, signal),
      othersOf(work.spec, docker.engine, signal),
    ]);
    const there = (!image.isPulled && (await atFirst)) || (await thereNow(work, docker, signal));
    const { steps, spoiled } = await stepsFor(work, there, { imageId, networks, others }, ports);
    const containers = await new Containers({ work, docker, ports, imageId, others, tell, stop: signal }).carryOut(
      steps,
    );
    if (spoiled) await forgetTouched(work, ports);
    const isUnchanged = steps.every(({ does }) => does === 'keep');
    if (!isUnchanged) tellOfBinds(work, tell);
    return {
      is: 'ok',
      result: {
        strategy: isUnchanged ? 'unchanged' : built.length > 0 ? strategy : 'deploy',
        images: built,
        deployed: { ...deployedOf(work), containers },
        replaced: steps.flatMap((step) =>
          step.does === 'remake' || step.does === 'remove' ? [step.container.id] : [],
        ),
        ledgers: {},
        unchanged: isUnchanged,
      },
    };
  });
}

/** Docker binds what is on its own machine: sources of this one are not there. */
function tellOfBinds({ spec, machine }: ComposeWork, tell: (text: string) => void): void {
  const bound = (spec.config.volumes ?? []).flatMap(({ type, source }) => (type === 'bind' && source ? [source] : []));
  if (machine !== undefined && bound.length > 0) tell(`bound from ${machine}, not from here: ${bound.join(', ')}`);
}

/** Of the one that was built just now or before, which bears the service's name from here on; else of one that is pulled. */
async function imageOf(
  work: ComposeWork,
  built: readonly BuiltImage[],
  docker: DockerPort,
  ports: Ports,
  say: Saying,
  stop: AbortSignal,
): Promise<FoundImage> {
  const { image } = work.spec;
  const own = built.find(({ ref }) => ref === image) ?? work.images.find(({ spec }) => spec.ref === image)?.last;
  if (!own) return pulledImage({ work, docker, ports, say, stop });
  if ((await docker.image(image))?.id !== own.id) await docker.tag(own.id, image);
  return { id: own.id, isPulled: false };
}

const thereNow = ({ spec }: ComposeWork, docker: DockerPort, stop: AbortSignal) =>
  containersOf(spec.compose.name, spec.service, docker.engine, stop);

/** Asked for while the image is looked at; null where that failed: it is asked for again, and fails in its place. */
const thereAtFirst = ({ spec }: ComposeWork, docker: DockerPort, stop: AbortSignal) =>
  firstContainersOf(spec.compose.name, spec.service, docker.engine, stop).catch(() => null);

async function stepsFor(
  work: ComposeWork,
  there: readonly EngineContainer[],
  by: Pick<Wanted, 'imageId' | 'networks' | 'others'>,
  ports: Ports,
): Promise<{ readonly steps: readonly Step[]; readonly spoiled: boolean }> {
  const touched = await touchedBefore(work, ports);
  const spoiled = new Set(there.filter(({ id }) => touched.has(`docker://${id}`)).map(({ id }) => id));
  const force = work.force || work.cause === 'restart' || (work.anew?.recreate ?? false);
  return { steps: converge(there, { spec: work.spec, ...by, force, spoiled }), spoiled: spoiled.size > 0 };
}

const deployedOf = ({ spec, images }: ComposeWork): Deployed => ({
  objects: [],
  templates: [],
  namespace: composeNamespace(spec.compose.name),
  alreadyDone: false,
  images: Object.fromEntries(images.map(({ spec: { ref } }) => [ref, ref])),
});
