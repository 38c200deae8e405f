// A namespace of its own on the test cluster, with pods that run busybox; all of it gone afterwards.
import { randomBytes } from 'node:crypto';
import { filter, firstValueFrom, map, mergeMap, timeout } from 'rxjs';
import { connectKube } from '../../../src/adapters/kube/index.ts';
import type { KubeObject } from '../../../src/model/config.ts';
import type { Pod } from '../../../src/model/pods/pod.ts';
import { readPod } from '../../../src/model/pods/pod-reading.ts';
import type { ExecStream, KubePort, KubeWatchEvent } from '../../../src/model/ports.ts';
import { kubeconfig } from '../../support/capability.ts';
import { labelsOfRun } from '../../support/cluster/cluster.ts';

export const never = new AbortController().signal;

/** Busybox, made by `test/cluster/up` as the pause image: on the node already. */
const image = 'localhost/pause:1';

export interface Testbed {
  readonly kube: KubePort;
  readonly namespace: string;
  /** Starts `sh -c script` and waits until `is` holds for the pod. */
  startPod(name: string, script: string, is?: (pod: Pod) => boolean, spec?: object): Promise<Pod>;
  remove(): Promise<void>;
}

export function shellPod(namespace: string, name: string, script: string, spec: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      restartPolicy: 'Never',
      containers: [{ name: 'main', image, imagePullPolicy: 'Never', command: ['/bin/sh', '-c', script] }],
      ...spec,
    },
  };
}

/** What is there by this event. */
export const objectsIn = (event: KubeWatchEvent): readonly KubeObject[] =>
  event.is === 'listed' ? event.objects : event.is === 'seen' ? [event.object] : [];

export function podWhere(kube: KubePort, namespace: string, name: string, is: (pod: Pod) => boolean): Promise<Pod> {
  return firstValueFrom(
    kube.watch('pods', namespace).pipe(
      mergeMap(objectsIn),
      map(readPod),
      filter((pod): pod is Pod => pod !== null && pod.name === name && is(pod)),
      timeout(50_000),
    ),
  );
}

export async function testbed(): Promise<Testbed> {
  const kube = await connectKube({ kubeconfig });
  const namespace = `sluice-test-${randomBytes(4).toString('hex')}`;
  const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: labelsOfRun } };
  await kube.create(space, never);
  // Pods need the account that the cluster makes a moment after its namespace.
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace };
  await until('the default service account', async () => (await kube.get(account, never)) !== null);
  return {
    kube,
    namespace,
    async startPod(name, script, is = (pod) => pod.ready, spec = {}) {
      await kube.create(shellPod(namespace, name, script, spec), never);
      return podWhere(kube, namespace, name, is);
    },
    async remove() {
      const ref = { apiVersion: 'v1', kind: 'Namespace', name: namespace, namespace: null };
      await kube.delete(ref, never);
      kube.close();
    },
  };
}

/** Asks again until it is so; fails after a minute with what was waited for. */
export async function until(what: string, is: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await is())) {
    if (Date.now() > deadline) throw new Error(`waited a minute for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** TCP connections this process holds open. */
export const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

/** Reads both outputs to their end and waits for the exit code. */
export async function finished(stream: ExecStream): Promise<{ code: number; stdout: string; stderr: string }> {
  const text = async (readable: AsyncIterable<Buffer>): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of readable) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  const [stdout, stderr, { code }] = await Promise.all([text(stream.stdout), text(stream.stderr), stream.exit]);
  return { code, stdout, stderr };
}
