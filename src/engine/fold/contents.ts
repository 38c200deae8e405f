// What images and containers hold once a run is over.
import type { BuiltImage, ContainersWork, InPlace, RunResult } from '../../model/run.ts';
import type { DeployState, EngineState, ImageState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { after, deployOf } from '../resources/resource.ts';
import { listed } from '../resources/resource-list.ts';
import { begun, trialKey } from '../runtime/trial.ts';

/** Images as built, whatever became of the rest of the run; one that was only found again is nothing new to anybody. */
export function withBuilt(images: EngineState['images'], built: readonly BuiltImage[]): EngineState['images'] {
  let next = images;
  for (const image of built) {
    const before: ImageState = lookup(next, image.ref) ?? { last: null, files: {}, lost: 0 };
    if (JSON.stringify(before.last) === JSON.stringify(image)) continue;
    next = { ...next, [image.ref]: { ...before, last: image } };
  }
  return next;
}

/** Containers as updated in place; each begins its trial. */
export function withInPlace(state: EngineState, work: ContainersWork, inPlace: InPlace, at: number): EngineState {
  const { ledgers, restarted = [] } = inPlace;
  const touched = work.containers.filter(({ id }) => Object.hasOwn(ledgers, id) || restarted.includes(id));
  if (touched.length === 0) return state;
  const trials = { ...state.trials };
  for (const { id, name, podUid } of touched) {
    const pod = lookup(state.pods, podUid);
    if (!pod) continue;
    const key = trialKey(podUid, name);
    const container = pod.deleting ? null : (pod.containers.find((each) => each.name === name) ?? null);
    trials[key] = begun(lookup(trials, key), id, container, restarted.includes(id), at);
  }
  return { ...state, ledgers: { ...state.ledgers, ...ledgers }, trials };
}

/** Which changes are in the images that this run has deployed, by ref; of one built elsewhere, when its pods began. */
export function imagesAt(work: ContainersWork, result: RunResult): DeployState['imagesAt'] {
  const built = new Map(result.images.map((image) => [image.ref, image]));
  return Object.fromEntries(
    work.images.map(({ spec, last }) => [
      spec.ref,
      spec.build.is === 'elsewhere' ? work.change : ((built.get(spec.ref) ?? last)?.change ?? 0),
    ]),
  );
}

/**
 * Files are kept as long as a container may lack them: until every resource that runs the image has deployed one that holds
 * them. Of images built elsewhere for ever, as nothing else will hold them.
 */
export function withoutHeld(state: EngineState, refs: readonly string[]): EngineState {
  let { images } = state;
  for (const ref of refs) {
    const image = lookup(images, ref);
    if (!image?.last) continue;
    const files = after(image.files, oldestDeployed(state, ref, image.last.change));
    if (files !== image.files) images = { ...images, [ref]: { ...image, files } };
  }
  return images === state.images ? state : { ...state, images };
}

const oldestDeployed = (state: EngineState, ref: string, newest: number): number =>
  listed(state).reduce((oldest, resource) => {
    const deploy = deployOf(resource);
    return resource.enabled && deploy?.result ? Math.min(oldest, lookup(deploy.imagesAt, ref) ?? oldest) : oldest;
  }, newest);
