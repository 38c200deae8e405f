// Taking over what another tool made: it is named, and the fields that tool wrote become ours, so that what our manifest
// does not have goes with the next apply instead of staying behind.
import type { ObjectRef } from '../../../model/config.ts';
import type { FieldManager, KubePort } from '../../../model/ports.ts';
import { nameOf } from './ownership.ts';

/** Tools that bring manifests into a cluster, by the names under which they write. */
const tools =
  /^(kubectl|helm|before-first-apply|tilt|skaffold|devspace|okteto|garden|werf|kapp|argocd|kustomize|flux|pulumi|terraform|ansible|openapi-generator)/i;
/** Parts of the cluster itself: what they filled in stays theirs. */
const parts = /^(kube-|kubelet|k3s|cloud-controller|apiserver|cluster-autoscaler|.*-controller-manager)/;

/** Those that hold what a manifest said: known tools, and whoever wrote first. Status and scale are nobody's manifest. */
export function writersOf(managers: readonly FieldManager[]): readonly FieldManager[] {
  const whole = managers.filter(({ subresource, name }) => subresource === '' && !parts.test(name));
  const first = whole.reduce<FieldManager | null>((a, b) => (a && a.at <= b.at ? a : b), null);
  return whole.filter((manager) => manager === first || tools.test(manager.name));
}

export async function takeOver(
  kube: KubePort,
  ref: ObjectRef,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const taken = await kube.takeFields(ref, writersOf, stop);
  const by = [...new Set(taken.map(({ name }) => name))];
  say(`${nameOf(ref)} is taken over${by.length > 0 ? ` from ${by.join(', ')}` : ''}`);
}
