// What one object says about another: by name, by selector, or as the target of its rules.
import type { KubeObject } from '../config.ts';
import { containerLists, type Json, list, podTemplate, record, text } from './workload.ts';

/** All of the selector on the pods; an empty one selects nothing here. */
export function selects(selector: Json, workload: KubeObject): boolean {
  const labels = record(podTemplate(workload)?.metadata.labels);
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

/** Only objects of these kinds concern any workload. */
export const mayConcern = ({ kind }: KubeObject): boolean =>
  kind === 'PodDisruptionBudget' || kind === 'HorizontalPodAutoscaler';

/** Autoscalers name their workload, disruption budgets select its pods. */
export function concerns(object: KubeObject, workload: KubeObject): boolean {
  const spec = record(object.spec);
  if (object.kind === 'PodDisruptionBudget') return selects(record(record(spec.selector).matchLabels), workload);
  if (object.kind !== 'HorizontalPodAutoscaler') return false;
  const target = record(spec.scaleTargetRef);
  return target.kind === workload.kind && target.name === workload.metadata.name;
}

/** Services behind an Ingress. */
export function backends(ingress: KubeObject): readonly string[] {
  const spec = record(ingress.spec);
  const paths = list(spec.rules).flatMap((rule) => list(record(rule.http).paths));
  const all = [spec.defaultBackend, ...paths.map(({ backend }) => backend)];
  return all.flatMap((backend) => text(record(record(backend).service).name) ?? []);
}

/** What the pods of a workload cannot start without, as `kind/name`. */
export function references(workload: KubeObject): ReadonlySet<string> {
  const spec = podTemplate(workload)?.spec ?? {};
  const found = new Set<string>();
  const add = (kind: string, name: unknown): void => {
    if (typeof name === 'string') found.add(`${kind}/${name}`);
  };
  for (const source of list(spec.volumes).flatMap((volume) => [volume, ...list(record(volume.projected).sources)])) {
    add('configmap', record(source.configMap).name);
    add('secret', record(source.secret).secretName ?? record(source.secret).name);
    add('persistentvolumeclaim', record(source.persistentVolumeClaim).claimName);
  }
  for (const container of containerLists.flatMap((key) => list(spec[key]))) {
    const sources = [...list(container.envFrom), ...list(container.env).map(({ valueFrom }) => record(valueFrom))];
    for (const source of sources) {
      add('configmap', record(source.configMapRef ?? source.configMapKeyRef).name);
      add('secret', record(source.secretRef ?? source.secretKeyRef).name);
    }
  }
  for (const { name } of list(spec.imagePullSecrets)) add('secret', name);
  add('serviceaccount', spec.serviceAccountName);
  return found;
}
