// What stays as it is on an existing object: the run id of the session that last changed it.
import type { KubeObject } from '../../../model/config.ts';
import { runIdLabel, templateLabel } from '../../../model/labels.ts';
import { podTemplate, record, withTemplate } from '../../../model/manifests/workload.ts';

/**
 * `desired` with the run ids that `existing` carries: its own where nothing of it changed, that of its pods where their
 * template did not. A new one would roll every pod at each start of a session, and at each change of `replicas`.
 */
export function keepRunId(desired: KubeObject, existing: KubeObject, isUnchanged: boolean): KubeObject {
  const own = existing.metadata.labels?.[runIdLabel];
  const kept = isUnchanged && own !== undefined ? withLabel(desired, own) : desired;
  const before = record(podTemplate(existing)?.metadata.labels);
  const wanted = record(podTemplate(desired)?.metadata.labels);
  if (
    desired.kind === 'Pod' ||
    typeof before[runIdLabel] !== 'string' ||
    before[templateLabel] !== wanted[templateLabel]
  )
    return kept;
  return withTemplate(kept, ({ metadata, spec }) => ({
    metadata: { ...metadata, labels: { ...record(metadata.labels), [runIdLabel]: before[runIdLabel] } },
    spec,
  }));
}

const withLabel = (object: KubeObject, value: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, [runIdLabel]: value } },
});
