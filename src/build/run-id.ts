// An object that is unchanged keeps the run id of the session that deployed it, on itself and on its pods.
import type { KubeObject } from '../model/config.ts';
import { podTemplate, record, withTemplate } from '../model/manifests/workload.ts';

const label = 'sluice-runid';

/** `desired` with the run ids that `existing` carries. */
export function keepRunId(desired: KubeObject, existing: KubeObject): KubeObject {
  const own = existing.metadata.labels?.[label];
  const ofPods = record(podTemplate(existing)?.metadata.labels)[label];
  const kept =
    own === undefined
      ? desired
      : { ...desired, metadata: { ...desired.metadata, labels: { ...desired.metadata.labels, [label]: own } } };
  if (typeof ofPods !== 'string') return kept;
  return withTemplate(kept, ({ metadata, spec }) => ({
    metadata: { ...metadata, labels: { ...record(metadata.labels), [label]: ofPods } },
    spec,
  }));
}
