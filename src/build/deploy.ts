// Injects images into the manifests of a resource, applies them in order, and takes out what is no longer in them.
import type { Observable } from 'rxjs';
import type { KubeObject } from '../model/config.ts';
import { limits } from '../model/limits.ts';
import { kindRank, type objectRef } from '../model/manifests.ts';
import type { KubePort, Ports } from '../model/ports.ts';
import type { BuiltImage, Deployed, KubeWork, Outcome, RunEvent } from '../model/run.ts';
import { type Applied, applyObject, isFinishedJob } from './apply.ts';
import { deleteObjects } from './delete.ts';
import { injected } from './injection.ts';
import { running } from './running.ts';

/** Deploys with these images (and the last ones of what was not built now). Ends with one outcome. */
export function deployImages(
  work: KubeWork,
  built: readonly BuiltImage[],
  stop: AbortSignal,
  ports: Ports,
  strategy = 'full build',
): Observable<RunEvent> {
  return running(stop, async (say, signal): Promise<Outcome> => {
    say.phase('deploy');
    for (const image of built) say.built(image);
    const kube = await ports.kube();
    const images = imagesOf(work, built);
    const { objects, template } = await injected(work, images, kube, ports, signal);
    say.step('deploy');
    const applied = await applyAll(kube, objects, work, ports, signal);
    await collectGarbage(kube, work, applied, ports, signal);
    const deployed: Deployed = {
      objects: applied.filter((it) => !it.foreign).map((it) => it.ref),
      template,
      namespace: work.kubernetes.namespace ?? 'default',
      alreadyDone: work.spec.ready === 'job' && applied.some((it) => it.unchanged && isFinishedJob(it.object)),
      images: Object.fromEntries(images.map((image) => [image.ref, image.inCluster])),
    };
    const unchanged = applied.every((it) => it.unchanged);
    const how = unchanged ? 'unchanged' : built.length > 0 ? strategy : 'deploy';
    return { is: 'ok', result: { strategy: how, images: built, deployed, ledgers: {}, unchanged } };
  });
}

/** Just built, else as last built. */
function imagesOf(work: KubeWork, built: readonly BuiltImage[]): readonly BuiltImage[] {
  const byRef = new Map(built.map((image) => [image.ref, image]));
  return work.images.flatMap(({ spec, last }) => byRef.get(spec.ref) ?? last ?? []);
}

async function applyAll(
  kube: KubePort,
  objects: readonly KubeObject[],
  work: KubeWork,
  ports: Ports,
  stop: AbortSignal,
): Promise<readonly Applied[]> {
  const say = (text: string): void =>
    ports.logs.line({ resource: work.resource, source: 'build', run: work.run }, 'info', text, ports.now());
  const applied: Applied[] = [];
  const ranks = [...new Set(objects.map((object) => kindRank(object)))].sort((a, b) => a - b);
  for (const rank of ranks) {
    const group = objects.filter((object) => kindRank(object) === rank);
    for (let i = 0; i < group.length; i += limits.applyParallel) {
      applied.push(
        ...(await Promise.all(
          group
            .slice(i, i + limits.applyParallel)
            .map((object) => applyObject(kube, object, { say, anew: work.force }, stop)),
        )),
      );
    }
  }
  for (const { ref, unchanged } of applied)
    say(`${ref.kind.toLowerCase()}/${ref.name} ${unchanged ? 'unchanged' : 'applied'}`);
  return applied;
}

/** Only after everything was applied: what this resource had deployed before and its manifests no longer name. */
async function collectGarbage(
  kube: KubePort,
  work: KubeWork,
  applied: readonly Applied[],
  ports: Ports,
  stop: AbortSignal,
): Promise<void> {
  const key = (ref: ReturnType<typeof objectRef>): string =>
    `${ref.apiVersion.split('/')[0]}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
  const now = new Set(applied.map(({ ref }) => key(ref)));
  const old = (work.deployed?.objects ?? []).filter((ref) => !now.has(key(ref)));
  if (old.length > 0) await deleteObjects(kube, old, { resource: work.resource }, ports, stop);
}
