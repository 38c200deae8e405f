// Fields that controllers of the cluster fill in. They are left to them: a manifest that carries one (as a placeholder, or
// because it was printed from a cluster) would take from the controller what it gave, at each deploy anew.
import type { KubeObject } from '../config.ts';
import { concerns } from './references.ts';
import { isRecord, type Json, record } from './workload.ts';

/** The objects as they are applied. Autoscalers among them own the `replicas` of what they scale. */
export function leftToCluster<T extends { readonly object: KubeObject }>(all: readonly T[]): readonly T[] {
  const scalers = all.map(({ object }) => object).filter(isScaler);
  return all.map((each) => ({ ...each, object: unscaled(withoutOwned(each.object), scalers) }));
}

/** The API server sets these on every object, or refuses another value. */
const ofServer = ['creationTimestamp', 'generation', 'managedFields', 'resourceVersion', 'selfLink', 'uid'];
const ofControllers =
  /^(deployment\.kubernetes\.io\/revision|kubectl\.kubernetes\.io\/last-applied-configuration|pv\.kubernetes\.io\/bound-by-controller|pv\.kubernetes\.io\/bind-completed|volume(\.beta)?\.kubernetes\.io\/(storage-provisioner|selected-node))$/;

function withoutOwned(object: KubeObject): KubeObject {
  const { annotations, ...rest } = without(object.metadata, ...ofServer) as KubeObject['metadata'];
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !ofControllers.test(key));
  const metadata = annotations ? { ...rest, annotations: Object.fromEntries(kept) } : rest;
  const owned = ownedBy[object.kind]?.({ ...object, metadata }) ?? { ...object, metadata };
  return hasStatus(object) ? (without(owned, 'status') as unknown as KubeObject) : owned;
}

/** Kinds of Kubernetes itself report in `status`; in a kind of somebody else it may be anything. */
const hasStatus = ({ apiVersion }: KubeObject): boolean => /^[a-z0-9]+(\/|$)|\.k8s\.io\//.test(apiVersion);

const without = (value: Json, ...keys: readonly string[]): Json =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));

/** An empty value asks the cluster to choose one: what it chose stays. */
const withoutEmpty = (value: Json, ...keys: readonly string[]): Json =>
  without(value, ...keys.filter((key) => [null, '', 0].includes(value[key] as null)));

const withSpec = (object: KubeObject, change: (spec: Json) => Json): KubeObject =>
  isRecord(object.spec) ? { ...object, spec: change(object.spec) } : object;

const ownedBy: Readonly<Record<string, (object: KubeObject) => KubeObject>> = {
  ClusterRole: (object) => (object.aggregationRule ? (without(object, 'rules') as unknown as KubeObject) : object),
  Namespace: (object) => withSpec(object, (spec) => without(spec, 'finalizers')),
  PersistentVolumeClaim: (object) => withSpec(object, (spec) => withoutEmpty(spec, 'volumeName')),
  Service: (object) =>
    withSpec(object, (spec) => ({
      ...withoutEmpty(spec, 'clusterIP', 'clusterIPs', 'healthCheckNodePort'),
      ...(Array.isArray(spec.ports)
        ? { ports: spec.ports.map((port) => (isRecord(port) ? withoutEmpty(port, 'nodePort') : port)) }
        : {}),
    })),
  MutatingWebhookConfiguration: withoutBundles,
  ValidatingWebhookConfiguration: withoutBundles,
  CustomResourceDefinition: (object) =>
    withSpec(object, (spec) => {
      const conversion = record(spec.conversion);
      const webhook = record(conversion.webhook);
      if (!isRecord(webhook.clientConfig)) return spec;
      const clientConfig = withoutBundle(webhook.clientConfig, object);
      return { ...spec, conversion: { ...conversion, webhook: { ...webhook, clientConfig } } };
    }),
  APIService: (object) => withSpec(object, (spec) => withoutBundle(spec, object)),
};

function withoutBundles(object: KubeObject): KubeObject {
  if (!Array.isArray(object.webhooks)) return object;
  const webhooks = object.webhooks.map((hook) =>
    isRecord(hook) && isRecord(hook.clientConfig)
      ? { ...hook, clientConfig: withoutBundle(hook.clientConfig, object) }
      : hook,
  );
  return { ...object, webhooks };
}

const injected =
  /^(cert-manager\.io\/inject-(ca-from|ca-from-secret|apiserver-ca)|service\.beta\.openshift\.io\/inject-cabundle)$/;

/** A real bundle stays, unless somebody is told to inject another; `Cg==` is the line end that generators write for none. */
function withoutBundle(config: Json, { metadata }: KubeObject): Json {
  const { caBundle } = config;
  const isNone = typeof caBundle !== 'string' || /^\s*(Cg==)?\s*$/.test(caBundle);
  const isInjected = Object.keys(metadata.annotations ?? {}).some((key) => injected.test(key));
  return isNone || isInjected ? without(config, 'caBundle') : config;
}

/** KEDA's ScaledObject makes an autoscaler of its own. */
const isScaler = ({ kind, spec }: KubeObject): boolean =>
  kind === 'HorizontalPodAutoscaler' ||
  (kind === 'ScaledObject' && record(record(spec).scaleTargetRef).name !== undefined);

/** 0 stays: it is how a workload is switched off, its autoscaler with it. */
function unscaled(object: KubeObject, scalers: readonly KubeObject[]): KubeObject {
  const spec = record(object.spec);
  if (!spec.replicas || !scalers.some((scaler) => scales(scaler, object))) return object;
  return { ...object, spec: without(spec, 'replicas') };
}

/** Does this autoscaler scale that object? Both may leave their namespace open; where both name one it is the same. */
export function scales(scaler: KubeObject, object: KubeObject): boolean {
  const [a, b] = [scaler.metadata.namespace, object.metadata.namespace];
  if (a !== undefined && b !== undefined && a !== b) return false;
  if (scaler.kind === 'HorizontalPodAutoscaler') return concerns(scaler, object);
  const { kind = 'Deployment', name } = record(record(scaler.spec).scaleTargetRef);
  return isScaler(scaler) && kind === object.kind && name === object.metadata.name;
}

export const autoscalersAmong = (objects: readonly KubeObject[]): readonly KubeObject[] => objects.filter(isScaler);
