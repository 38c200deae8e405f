// Pods that an earlier session put files into are made anew, so that this one begins with what its images hold.
import type { KubeObject } from '../../model/config.ts';
import { templateLabel } from '../../model/labels.ts';
import type { PodsWanted } from '../../model/manifests/images/inject.ts';
import type { KubePort, Ports } from '../../model/ports.ts';
import type { KubeWork } from '../../model/run.ts';
import { forgetTouched, touchedPods } from '../live/filled-containers.ts';

interface Replacing {
  readonly work: KubeWork;
  readonly kube: KubePort;
  readonly ports: Ports;
  readonly stop: AbortSignal;
}

/** Bare pods, which nobody would make anew, go before the deploy, which does. Gives the others. */
export async function withoutBare(replacing: Replacing): Promise<readonly KubeObject[]> {
  const touched = await touchedPods(replacing.work, replacing.kube, replacing.ports, replacing.stop);
  const isOwned = ({ metadata }: KubeObject): boolean =>
    Array.isArray(metadata.ownerReferences) && metadata.ownerReferences.length > 0;
  await replace(
    touched.filter((pod) => !isOwned(pod)),
    replacing,
  );
  return touched.filter(isOwned);
}

/** Those that the deploy leaves as they are, for their owner to make them anew. Gives their uids. */
export async function replaceKept(
  owned: readonly KubeObject[],
  templates: readonly PodsWanted[],
  replacing: Replacing,
): Promise<readonly string[]> {
  const hashes = templates.map(({ hash }) => hash);
  const kept = owned.filter(({ metadata }) => {
    const hash = metadata.labels?.[templateLabel];
    return hash === undefined || hashes.length === 0 || hashes.includes(hash);
  });
  await replace(kept, replacing);
  await forgetTouched(replacing.work, replacing.ports);
  return kept.map(({ metadata }) => String(metadata.uid));
}

async function replace(pods: readonly KubeObject[], { work, kube, ports, stop }: Replacing): Promise<void> {
  const origin = { resource: work.resource, source: 'build' as const, run: work.run };
  for (const { metadata } of pods) {
    const { name, namespace = null } = metadata;
    ports.logs.line(
      origin,
      'info',
      `pod/${name} is replaced: an earlier session put files into it${left(work)}`,
      ports.now(),
    );
    await kube.delete({ apiVersion: 'v1', kind: 'Pod', name, namespace }, stop);
  }
}

/** What an image that is built elsewhere does not hold, and no rule brings along at first, comes with its next save only. */
function left({ images }: KubeWork): string {
  const later = images.flatMap(({ spec }) =>
    spec.build.is === 'elsewhere'
      ? spec.live.flatMap((rule) => (rule.is === 'sync' && !rule.initial ? [rule.from] : []))
      : [],
  );
  return later.length === 0
    ? ''
    : `; files of ${later.join(', ')} come into it with their next save, \`initial: true\` brings them all at the start`;
}
