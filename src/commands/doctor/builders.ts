// Builders beside Docker: does each answer, and what does it build for?
import type { BuilderSpec } from '../../model/builds/builder.ts';
import { isRemote } from '../../model/builds/who-builds.ts';
import type { Config } from '../../model/config.ts';
import type { Ports } from '../../model/ports.ts';
import { wayOf } from '../../update/image/builder/choice.ts';
import { type Check, found } from './check.ts';

type Kit = Extract<BuilderSpec, { is: 'buildkit' }>;

/** Each once, by its address. */
export async function builderChecks(
  config: Config,
  ports: Pick<Ports, 'buildkit' | 'docker' | 'kube'>,
  stop: AbortSignal,
): Promise<readonly Check[]> {
  const kits = new Map<string, Kit>();
  for (const { build } of Object.values(config.images))
    if (build.is === 'dockerfile' && isRemote(build) && build.builder?.is === 'buildkit')
      kits.set(build.builder.address, build.builder);
  const checks = [...kits.values()].map((kit) => found('builder', () => builderCheck(kit, ports, stop)));
  return (await Promise.all(checks)).flat();
}

async function builderCheck(
  kit: Kit,
  ports: Pick<Ports, 'buildkit' | 'docker' | 'kube'>,
  stop: AbortSignal,
): Promise<readonly Check[]> {
  const port = (await ports.buildkit()).over(await wayOf(kit, ports));
  const { called, version, platforms } = await port.info(stop);
  const shown = platforms.length > 4 ? [...platforms.slice(0, 4), '…'] : platforms;
  return [
    { name: 'builder', status: 'ok', what: `${called}, ${version || 'version unknown'}, for ${shown.join(', ')}` },
  ];
}
