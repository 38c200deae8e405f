// The Docker daemon: where, which, and whether it builds as we want.
import { existsSync, statfsSync } from 'node:fs';
import { usesDocker } from '../../model/builds/who-builds.ts';
import type { Config } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import type { DockerInfo, Ports } from '../../model/ports.ts';
import { type Check, found } from './check.ts';
import { supported, versionStanding } from './docker-version.ts';

/** Nothing where the configuration has Docker build no image. */
export async function dockerChecks(config: Config | null, ports: Pick<Ports, 'docker'>): Promise<readonly Check[]> {
  const isNeeded = config === null || Object.values(config.images).some(({ build }) => usesDocker(build));
  if (!isNeeded) return [];
  return found('docker', async () => {
    const docker = await ports.docker();
    const info = await docker.info();
    return [dockerCheck(info), ...spaceCheck(info)];
  });
}

/** Podman has its own versions, and one builder, which is not to be mended. */
export function dockerCheck({ version, host, context, arch, buildkit, store, isPodman = false }: DockerInfo): Check {
  const images =
    store === undefined || isPodman ? '' : `, images in ${store === 'containerd' ? 'containerd' : 'its own store'}`;
  const where = `(${arch}) at ${host}, context ${context}`;
  if (isPodman) return { name: 'docker', status: 'ok', what: `Podman ${version} ${where}, with its own builder` };
  const { isTooOld, words } = versionStanding(version);
  const what = `Docker ${version} ${where}${images}, ${buildkit ? 'BuildKit' : 'without BuildKit'}; ${words}`;
  if (isTooOld) return { name: 'docker', status: 'warn', what, hint: `use Docker ${supported.at(-1)} or newer` };
  if (buildkit) return { name: 'docker', status: 'ok', what };
  return { name: 'docker', status: 'warn', what, hint: 'unset DOCKER_BUILDKIT=0: builds are faster, and secrets work' };
}

/** Only of a daemon on this machine: where others keep their images cannot be seen from here. */
function spaceCheck({ host }: DockerInfo): readonly Check[] {
  const dir = '/var/lib/docker';
  if (host !== 'unix:///var/run/docker.sock' || !existsSync(dir)) return [];
  const { bavail, bsize } = statfsSync(dir);
  const gib = (bavail * bsize) / 2 ** 30;
  const what = `${gib.toFixed(1)} GiB are free for images`;
  if (bavail * bsize >= limits.doctorFreeBytes) return [{ name: 'docker', status: 'ok', what }];
  return [
    {
      name: 'docker',
      status: 'warn',
      what,
      hint: 'docker system df shows what takes it, docker system prune frees it',
    },
  ];
}
