// Which clusters run their containers by the user's own Docker daemon. Pure.
import type { DockerInfo, KubeInfo } from '../ports.ts';

/** A daemon tells its machine's name; where it is the cluster's node, images need no push. */
export function sharesDaemon(info: KubeInfo, docker: DockerInfo): boolean {
  switch (info.local) {
    case 'docker-desktop':
      return /^(docker-desktop|linuxkit-.*)$/.test(docker.name);
    case 'rancher-desktop':
      return /^(lima-)?rancher-desktop$/.test(docker.name);
    case 'orbstack':
      return docker.name === 'orbstack' || docker.host.includes('/.orbstack/');
    case 'colima':
      return docker.name === info.cluster || docker.name === `lima-${info.cluster}`;
    case 'minikube':
      // `eval $(minikube docker-env)`: the daemon inside the node carries the profile's name.
      return docker.name === info.cluster;
    default:
      return false;
  }
}
