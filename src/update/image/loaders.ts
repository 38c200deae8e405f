// Local clusters that take images without a registry, each by its own command.
import { isPrivate } from '../../model/hosts/private-host.ts';
import { imageName } from '../../model/manifests.ts';
import type { KubeInfo } from '../../model/ports.ts';

/** `cluster`: as the kubeconfig calls it. Each skips nodes that have the image. */
const commands: Readonly<Record<string, (tagged: string, cluster: string) => readonly string[]>> = {
  kind: (tagged, cluster) => ['kind', 'load', 'docker-image', tagged, '--name', cluster.replace(/^kind-/, '')],
  k3d: (tagged, cluster) => ['k3d', 'image', 'import', tagged, '--cluster', cluster.replace(/^k3d-/, '')],
  minikube: (tagged, cluster) => ['minikube', 'image', 'load', tagged, '--profile', cluster],
  microk8s: (tagged) => imported(tagged, ['microk8s', 'ctr']),
  containerd: (tagged) => imported(tagged, ['ctr', '--namespace', 'k8s.io']),
  colima: (tagged, cluster) => loaded(tagged, ['colima', 'nerdctl', '--profile', colimaProfile(cluster), '--']),
  'rancher-desktop': (tagged) => loaded(tagged, ['nerdctl']),
};

/**
 * Those that are known by their name alone; a bare containerd is one that the user speaks of. Colima and Rancher Desktop run on
 * a containerd where they do not run on their own Docker, which is asked first.
 */
const products = ['kind', 'k3d', 'minikube', 'microk8s', 'colima', 'rancher-desktop'];

const colimaProfile = (cluster: string): string => /^colima-(.+)$/.exec(cluster)?.[1] ?? 'default';

/**
 * The archive is a file: a pipe would hide that Docker failed. Names are arguments, no part of the script. nerdctl reaches into a
 * virtual machine, which need not see the files of this one: it is given the archive by standard input.
 */
const script = `set -e
image=$1 name=$2 by=$3; shift 3
if [ "$by" = ctr ]; then [ -z "$("$@" images list -q "name==$name")" ] || exit 0
elif "$@" image inspect "$name" </dev/null >/dev/null 2>&1; then exit 0; fi
file=$(mktemp); trap 'rm -f "$file"' EXIT
docker save -o "$file" "$image"
if [ "$by" = ctr ]; then "$@" images import "$file"; else "$@" load <"$file"; fi`;

/** Into a containerd of this machine, which knows Docker Hub's images by their whole name. */
function imported(tagged: string, ctr: readonly string[]): readonly string[] {
  const { name, tag } = imageName(tagged);
  return saved(tagged, `${name}:${tag ?? 'latest'}`, ['ctr', ...ctr]);
}

const loaded = (tagged: string, nerdctl: readonly string[]): readonly string[] =>
  saved(tagged, tagged, ['nerdctl', ...nerdctl, '--namespace', 'k8s.io']);

function saved(tagged: string, name: string, into: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', script, 'sh', tagged, name, ...into];
}

/** Who brings images into the nodes of this cluster, null where nobody is known to. */
export const loaderFor = ({ local }: Pick<KubeInfo, 'local'>): string | null =>
  local !== null && products.includes(local) ? local : null;

/** The same where the user says that they are to be loaded: a cluster of this machine runs on a containerd of it. */
export function loaderAsked(info: Pick<KubeInfo, 'local' | 'server'>): string | null {
  const host = URL.canParse(info.server) ? new URL(info.server).host : '';
  return loaderFor(info) ?? (isPrivate(host) ? 'containerd' : null);
}

export const loadCommand = (loader: string, tagged: string, cluster: string): readonly string[] =>
  (Object.hasOwn(commands, loader) ? commands[loader] : undefined)?.(tagged, cluster) ?? [];

/** As people say it. */
export const loadWords = (loader: string): string =>
  ({
    kind: 'loaded into its nodes by kind load docker-image',
    k3d: 'loaded into its nodes by k3d image import',
    minikube: 'loaded into its nodes by minikube image load',
    microk8s: 'imported by microk8s ctr',
    colima: 'loaded into its containerd by colima nerdctl load',
    'rancher-desktop': 'loaded into its containerd by nerdctl load',
  })[loader] ?? 'imported into the containerd of this machine by ctr';
