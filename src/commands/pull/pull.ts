// `pull`: the images of services that are not built here, each once.
import { lastValueFrom } from 'rxjs';
import type { Ports } from '../../model/ports.ts';
import { type OfServices, serviceNamed, withServices } from '../service/services.ts';

export interface PullRequest extends OfServices {
  /** Empty for all. */
  readonly services: readonly string[];
  readonly say: (text: string) => void;
}

export const pullImages = (request: PullRequest): Promise<number> =>
  withServices(request, async (specs, ports, stop) => {
    const wanted = request.services.length === 0 ? specs : request.services.map((name) => serviceNamed(name, specs));
    const images = new Map(
      wanted
        .filter(({ config }) => !config.build)
        .map(({ image, config }) => [
          `${image} ${config.platform ?? ''}`,
          { image, platform: config.platform ?? null },
        ]),
    );
    for (const { image, platform } of images.values()) {
      request.say(`pulling ${image}`);
      await pulled(image, platform, ports, stop);
    }
    request.say(images.size === 0 ? 'nothing to pull' : 'all pulled');
    return 0;
  });

async function pulled(image: string, platform: string | null, ports: Ports, stop: AbortSignal): Promise<void> {
  const docker = await ports.docker();
  await lastValueFrom(docker.engine.pull(image, platform, stop), { defaultValue: null });
}
