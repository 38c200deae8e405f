// What a run of this session has found out a moment ago, of images that it has made or made sure of and of where they go: others
// that deploy the same need not ask for all of it again, one after the other.
import { limits } from '../../../model/limits.ts';
import type { DockerPort, Ports } from '../../../model/ports.ts';
import type { BuiltImage, ContainersWork, ImageWork } from '../../../model/run.ts';
import { type Destination, destinationFor } from '../registry.ts';

interface Sure {
  readonly spec: ImageWork['spec'];
  readonly place: string;
  readonly image: BuiltImage;
}

export class RecentImages {
  private readonly known = new Map<string, Sure>();
  private readonly destinations = new Map<string, Destination>();

  /**
   * What another run has found for the same image, with no save in between; null where that is longer ago than
   * limits.recentImagesMs, or the session has come to doubt it.
   */
  of({ spec, last }: ImageWork, work: ContainersWork): BuiltImage | null {
    const sure = this.known.get(spec.ref);
    if (!sure || work.force || last?.id !== sure.image.id || isInChain(spec, work)) return null;
    const isSame = sure.spec === spec && sure.image.change === work.change && sure.place === placeOf(work);
    return isSame ? sure.image : null;
  }

  note({ spec }: ImageWork, work: ContainersWork, image: BuiltImage): void {
    // Of what changed while it was built, or may change without a save, nobody is sure.
    if (image.inputDigest === '' || isInChain(spec, work)) return;
    const sure: Sure = { spec, place: placeOf(work), image };
    this.known.set(spec.ref, sure);
    const forget = (): void => {
      if (this.known.get(spec.ref) === sure) this.known.delete(spec.ref);
    };
    setTimeout(forget, limits.recentImagesMs).unref();
  }

  /** As destinationFor, which asks the daemon. One that is not known is asked for each time: a registry may be announced. */
  async destination(
    work: ContainersWork,
    docker: DockerPort | null,
    ports: Pick<Ports, 'kube'>,
    stop: AbortSignal,
  ): Promise<Destination> {
    const key = `${docker === null} ${placeOf(work)}`;
    const known = this.destinations.get(key);
    if (known) return known;
    const found = await destinationFor(work, docker, ports, stop);
    if (found.unknown === null && !this.destinations.has(key)) {
      this.destinations.set(key, found);
      setTimeout(() => this.destinations.delete(key), limits.recentImagesMs).unref();
    }
    return found;
  }
}

/** What says where images go: to the Docker of this machine, or to a cluster. */
const placeOf = (work: ContainersWork): string =>
  work.kind === 'kubernetes' ? JSON.stringify([work.kubernetes.registry, work.kubernetes.delivery]) : '';

/** Built from another of this resource, or a base of one: what is made of them depends on both. */
const isInChain = ({ ref, bases }: ImageWork['spec'], { images }: ContainersWork): boolean =>
  bases.length > 0 || images.some(({ spec }) => spec.bases.includes(ref));
