// Pods, services and events out of what the cluster sent, in kubectl's words. Pure; anything at all may come in.
import {
  condition,
  count,
  isRaw,
  isTrue,
  list,
  mostItems,
  placeIn,
  type Raw,
  raw,
  readOwner,
  text,
  textOrNull,
  texts,
  time,
} from './answer.ts';
import type { ClusterEvent, Container, Pod, ProbeQuestion, Service } from './pod.ts';

const named = (items: readonly Raw[]): ReadonlyMap<string, Raw> =>
  new Map(items.map((item) => [text(item.name), item]));

function readState(state: Raw): Pick<Container, 'state' | 'reason' | 'exitCode' | 'startedAt'> {
  if (isRaw(state.running))
    return { state: 'running', reason: null, exitCode: null, startedAt: time(state.running.startedAt) };
  if (isRaw(state.terminated)) {
    const { reason, exitCode, startedAt } = state.terminated;
    return { state: 'terminated', reason: textOrNull(reason), exitCode: count(exitCode), startedAt: time(startedAt) };
  }
  return { state: 'waiting', reason: textOrNull(raw(state.waiting).reason), exitCode: null, startedAt: null };
}

function readLast(state: Raw): Container['last'] {
  if (!isRaw(state.terminated)) return null;
  const { exitCode, reason, containerID, finishedAt } = state.terminated;
  return { exitCode: count(exitCode), reason: text(reason), id: textOrNull(containerID), finishedAt: time(finishedAt) };
}

function readContainer(type: Container['type'], spec: Raw, status: Raw): Container {
  return {
    name: text(spec.name),
    type,
    lasting: type === 'main' || (type === 'init' && spec.restartPolicy === 'Always'),
    id: textOrNull(status.containerID),
    image: text(spec.image) || text(status.image),
    imageId: text(status.imageID),
    ready: status.ready === true,
    ...readState(raw(status.state)),
    restarts: count(status.restartCount),
    last: readLast(raw(status.lastState)),
    ports: list(spec.ports)
      .map((port) => count(port.containerPort))
      .filter((port) => port > 0),
    readOnlyRoot: raw(spec.securityContext).readOnlyRootFilesystem === true,
    probe: isRaw(spec.readinessProbe) ? readProbe(spec.readinessProbe, list(spec.ports)) : null,
  };
}

/** Kubernetes' defaults: 3 failures in a row, one try each 10 s, 1 s for an answer. */
function readProbe(probe: Raw, ports: readonly Raw[]): NonNullable<Container['probe']> {
  const seconds = (value: unknown, usual: number): number => count(value) || usual;
  const failures = seconds(probe.failureThreshold, 3);
  const windowMs = (failures * seconds(probe.periodSeconds, 10) + seconds(probe.timeoutSeconds, 1)) * 1_000;
  return { windowMs, question: readQuestion(probe, ports) };
}

/** Null for one that only a kubelet can ask: gRPC, another host, headers of its own, a path that leads out of the pod's. */
function readQuestion({ httpGet, tcpSocket, exec }: Raw, ports: readonly Raw[]): ProbeQuestion | null {
  const portOf = (port: unknown): number =>
    count(port) || count(ports.find(({ name }) => typeof port === 'string' && name === port)?.containerPort);
  if (isRaw(exec)) {
    const cmd = Array.isArray(exec.command) ? exec.command.map(String) : [];
    return cmd.length > 0 ? { is: 'exec', cmd } : null;
  }
  const of = isRaw(httpGet) ? httpGet : isRaw(tcpSocket) ? tcpSocket : {};
  const port = portOf(of.port);
  if (port < 1 || port > 65_535 || of.host) return null;
  if (of === tcpSocket) return { is: 'tcp', port };
  const path = `/${text(of.path).replace(/^\//, '')}`;
  if (list(of.httpHeaders).length > 0 || !/^[\w/.~!$&'()*+,;=:@%?-]*$/.test(path) || /\.\.|%2e/i.test(path))
    return null;
  return { is: 'http', scheme: of.scheme === 'HTTPS' ? 'https' : 'http', port, path };
}

function readContainers(spec: Raw, status: Raw): readonly Container[] {
  const of = (type: Container['type'], specs: unknown, statuses: unknown): Container[] => {
    const byName = named(list(statuses));
    return list(specs).map((one) => readContainer(type, one, byName.get(text(one.name)) ?? {}));
  };
  return [
    ...of('init', spec.initContainers, status.initContainerStatuses),
    ...of('main', spec.containers, status.containerStatuses),
    ...of('ephemeral', spec.ephemeralContainers, status.ephemeralContainerStatuses),
  ];
}

interface Wording {
  readonly status: string;
  readonly restarts: number;
  /** What the cluster said about the container that gave the status. */
  readonly said: string | null;
}

function terminatedWord(terminated: Raw): string {
  if (text(terminated.reason)) return text(terminated.reason);
  return count(terminated.signal) !== 0
    ? `Signal:${count(terminated.signal)}`
    : `ExitCode:${count(terminated.exitCode)}`;
}

/** A pause between two starts says nothing: what the last one ended with does, where the runtime or the program wrote it down. */
const saidOf = ({ lastState }: Raw, waiting: Raw): string | null =>
  (text(waiting.reason) === 'CrashLoopBackOff' ? textOrNull(raw(raw(lastState).terminated).message) : null) ??
  textOrNull(waiting.message);

/** The word an init container gives the pod, or null when it is done and the next one counts. */
function initWord(container: Raw, isSidecar: boolean, index: number, total: number): Omit<Wording, 'restarts'> | null {
  const { terminated, waiting } = raw(container.state);
  if (isRaw(terminated) && count(terminated.exitCode) === 0) return null;
  if (isSidecar && container.started === true) return null;
  if (isRaw(terminated)) return { status: `Init:${terminatedWord(terminated)}`, said: textOrNull(terminated.message) };
  const reason = text(raw(waiting).reason);
  if (reason && reason !== 'PodInitializing')
    return { status: `Init:${reason}`, said: saidOf(container, raw(waiting)) };
  return { status: `Init:${index}/${total}`, said: null };
}

/** kubectl's `printPod` for the init containers: the first that is not done names the state. */
function initWording(
  spec: Raw,
  status: Raw,
): { word: Omit<Wording, 'restarts'> | null; restarts: number; sidecarRestarts: number } {
  const specs = list(spec.initContainers);
  const byName = named(specs);
  let restarts = 0;
  let sidecarRestarts = 0;
  for (const [index, container] of list(status.initContainerStatuses).entries()) {
    const isSidecar = byName.get(text(container.name))?.restartPolicy === 'Always';
    restarts += count(container.restartCount);
    if (isSidecar) sidecarRestarts += count(container.restartCount);
    const word = initWord(container, isSidecar, index, specs.length);
    if (word) return { word, restarts, sidecarRestarts };
  }
  return { word: null, restarts, sidecarRestarts };
}

/** Why the cluster ended a pod as a whole: its deadline, an eviction. Its containers were killed, and do not know. */
const endOf = (status: Raw): string | null =>
  text(status.phase) === 'Failed' && text(status.reason)
    ? [text(status.reason), ...(text(status.message) ? [text(status.message)] : [])].join(': ')
    : null;

/** What stands between a pod whose containers are ready and its traffic: a condition of somebody else's. */
const gateOf = (status: Raw): string | null => {
  const ready = condition(status, 'Ready');
  return ready?.reason === 'ReadinessGatesNotReady' ? textOrNull(ready.message) : null;
};

/** kubectl's `printPod` for the main containers: the first that waits or ended names the state. */
function mainWording(status: Raw, before: Omit<Wording, 'restarts'>, sidecarRestarts: number): Wording {
  let { status: word, said } = before;
  let restarts = sidecarRestarts;
  let hasRunning = false;
  for (const container of [...list(status.containerStatuses)].reverse()) {
    const { waiting, terminated, running } = raw(container.state);
    restarts += count(container.restartCount);
    if (isRaw(waiting) && text(waiting.reason)) {
      word = text(waiting.reason);
      said = saidOf(container, waiting);
    } else if (isRaw(terminated)) {
      word = terminatedWord(terminated);
      said = textOrNull(terminated.message) ?? endOf(status);
    } else if (container.ready === true && isRaw(running)) hasRunning = true;
  }
  if (word === 'Completed' && hasRunning) word = isTrue(status, 'Ready') ? 'Running' : 'NotReady';
  return { status: word, restarts, said };
}

function wording(metadata: Raw, spec: Raw, status: Raw): Wording {
  const scheduled = condition(status, 'PodScheduled');
  const isGated = scheduled?.reason === 'SchedulingGated';
  const start = {
    status: isGated ? 'SchedulingGated' : text(status.reason) || text(status.phase) || 'Unknown',
    said:
      textOrNull(status.message) ??
      (scheduled?.status === 'False' ? textOrNull(scheduled.message) : null) ??
      gateOf(status),
  };
  const init = initWording(spec, status);
  const result =
    init.word === null || isTrue(status, 'Initialized')
      ? mainWording(status, init.word ?? start, init.sidecarRestarts)
      : { ...init.word, restarts: init.restarts };
  if (metadata.deletionTimestamp === undefined || metadata.deletionTimestamp === null) return result;
  if (status.reason === 'NodeLost') return { ...result, status: 'Unknown' };
  return /^(Failed|Succeeded)$/.test(text(status.phase)) ? result : { ...result, status: 'Terminating' };
}

/** Null for what is no pod (no name or uid). `status` and `restarts` are what `kubectl get pods` prints. */
export function readPod(object: unknown): Pod | null {
  const { metadata: meta, spec: specOf, status: statusOf } = raw(object);
  const [metadata, spec, status] = [raw(meta), raw(specOf), raw(statusOf)];
  if (!text(metadata.uid) || !text(metadata.name)) return null;
  const { status: word, restarts, said } = wording(metadata, spec, status);
  return {
    uid: text(metadata.uid),
    name: text(metadata.name),
    namespace: text(metadata.namespace),
    createdAt: time(metadata.creationTimestamp) ?? 0,
    deleting: metadata.deletionTimestamp !== undefined && metadata.deletionTimestamp !== null,
    phase: text(status.phase),
    status: word,
    message: said?.trim() || null,
    ready: isTrue(status, 'Ready'),
    restarts,
    node: textOrNull(spec.nodeName),
    ip: textOrNull(status.podIP),
    owner: readOwner(metadata),
    labels: texts(metadata.labels),
    ...placeIn(metadata),
    containers: readContainers(spec, status),
  };
}

function urlOf(host: string, port: number, name: string): string | null {
  if (!/^[a-z0-9.:_-]+$/i.test(host) || port < 1 || port > 65_535) return null;
  const scheme = port === 443 || /^https/.test(name) ? 'https' : 'http';
  const shown = host.includes(':') ? `[${host}]` : host;
  const isDefault = port === (scheme === 'https' ? 443 : 80);
  return `${scheme}://${shown}${isDefault ? '' : `:${port}`}/`;
}

/** `nodeHost` is where node ports are reached; local clusters publish them on this machine. Null for what is no service. */
export function readService(object: unknown, nodeHost = 'localhost'): Service | null {
  const { metadata: meta, spec: specOf, status: statusOf } = raw(object);
  const [metadata, spec] = [raw(meta), raw(specOf)];
  if (!text(metadata.uid) || !text(metadata.name)) return null;
  const ports = list(spec.ports).filter((port) => port.protocol === undefined || port.protocol === 'TCP');
  const balancers = list(raw(raw(statusOf).loadBalancer).ingress);
  const hosts = balancers.map((one) => text(one.hostname) || text(one.ip)).filter((host) => host !== '');
  const urls =
    spec.type === 'NodePort'
      ? ports.map((port) => urlOf(nodeHost, count(port.nodePort), text(port.name)))
      : hosts.flatMap((host) => ports.map((port) => urlOf(host, count(port.port), text(port.name))));
  return {
    uid: text(metadata.uid),
    name: text(metadata.name),
    namespace: text(metadata.namespace),
    labels: texts(metadata.labels),
    ...placeIn(metadata),
    selector: texts(spec.selector),
    urls: urls.filter((url) => url !== null).slice(0, mostItems),
  };
}

/** Null for what is no event. `at` is when it happened last. */
export function readEvent(object: unknown): ClusterEvent | null {
  const event = raw(object);
  const [involved, series] = [raw(event.involvedObject), raw(event.series)];
  if (!text(event.reason) || !text(involved.kind)) return null;
  return {
    at:
      time(series.lastObservedTime) ??
      time(event.lastTimestamp) ??
      time(event.eventTime) ??
      time(raw(event.metadata).creationTimestamp) ??
      0,
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    reason: text(event.reason),
    message: text(event.message),
    object: {
      kind: text(involved.kind),
      name: text(involved.name),
      namespace: text(involved.namespace),
      uid: text(involved.uid),
    },
    count: Math.max(1, count(series.count) || count(event.count)),
  };
}
