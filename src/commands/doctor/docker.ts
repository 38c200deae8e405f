// The Docker daemon: where, which, and whether it builds as we want.
import { existsSync, statfsSync } from 'node:fs';
import type { Config } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import type { DockerInfo, Ports } from '../../model/ports.ts';
import { usesDocker } from '../../model/who-builds.ts';
import { type Check, found } from './check.ts';

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

function dockerCheck({ version, host, context, arch, buildkit, store }: DockerInfo): Check {
  const images = store === undefined ? '' : `, images in ${store === 'containerd' ? 'containerd' : 'its own store'}`;
  const what = `Docker ${version} (${arch}) at ${host}, context ${context}${images}`;
  if (buildkit) return { name: 'docker', status: 'ok', what: `${what}, BuildKit` };
  const hint =
    'unset DOCKER_BUILDKIT=0, or use a Docker of version 18.09 or newer: builds are faster, and secrets work';
  return { name: 'docker', status: 'warn', what: `${what}, without BuildKit`, hint };
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
