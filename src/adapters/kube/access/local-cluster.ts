// Which clusters are known to be local ones. Pure.

/** Name of the cluster entry, exact or as a prefix, as each tool writes it into the kubeconfig. */
const products: readonly (readonly [product: string, names: RegExp])[] = [
  ['minikube', /^minikube(-|$)/],
  ['docker-desktop', /^(docker-desktop|docker-for-desktop-cluster)$/],
  ['microk8s', /^microk8s-cluster$/],
  ['crc', /^api-crc-testing(:6443)?$/],
  ['kind', /^kind(-|$)/],
  ['k3d', /^k3d-/],
  ['rancher-desktop', /^rancher-desktop$/],
  ['colima', /^colima(-|$)/],
  ['orbstack', /^orbstack$/],
];

const privateHost =
  /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1?\]?|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(1[6-9]|2\d|3[01])\.\d+\.\d+|\[?f[cde][0-9a-f:]+\]?|[a-z0-9-]+|.*\.(local|internal|localhost|test|testing))$/i;

/**
 * The local product, or null. The name alone would let `kind-prod.example.com` pass, and an address alone any tunnel to
 * production: both must fit. minikube is also known by its certificate authority's path, whatever its profile is called.
 */
export function localProduct(cluster: string, server: string, caPath: string | null): string | null {
  const host = URL.canParse(server) ? new URL(server).hostname : '';
  if (!privateHost.test(host)) return null;
  if (caPath !== null && /[\\/]\.minikube[\\/]/.test(caPath)) return 'minikube';
  return products.find(([, names]) => names.test(cluster))?.[0] ?? null;
}
