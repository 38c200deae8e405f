// The Kubernetes adapter: one cluster behind the KubePort. Knows no policy.
import { homedir } from 'node:os';
import { sharesDaemon } from '../../model/hosts/shared-daemon.ts';
import type { KubeInfo, KubePort } from '../../model/ports.ts';
import { problemCodes } from '../../model/problems/code-names.ts';
import { hasCode, type ProblemError } from '../../model/problems/problem.ts';
import { type Access, openAccess } from './access/access.ts';
import { type KubeconfigChoice, readKubeconfig } from './access/kubeconfig.ts';
import { localProduct } from './access/local-cluster.ts';
import { askProbe } from './ask-probe.ts';
import { dialPod } from './dial.ts';
import { execInPod } from './exec.ts';
import { failure, plainText } from './failure.ts';
import { type KubeHttp, kubeHttp } from './http.ts';
import { podLogs } from './log.ts';
import { discovery } from './objects/discovery.ts';
import { fieldNames } from './objects/field-names.ts';
import { objectCalls } from './objects/objects.ts';
import { findRegistry } from './registry.ts';
import { watchKind } from './watch.ts';

export interface KubeOptions {
  /** One explicit file, as `kubectl --kubeconfig`; else the list in $KUBECONFIG, ~/.kube/config, a pod's service account. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly home?: string;
}

function describe(choice: KubeconfigChoice, namespace: string | undefined): KubeInfo {
  const server = String(choice.clusterEntry.server);
  const ca = choice.clusterEntry['certificate-authority'];
  return {
    context: choice.context,
    cluster: choice.cluster,
    server,
    namespace: namespace || choice.namespace || 'default',
    local: localProduct(choice.cluster, server, typeof ca === 'string' ? ca : null),
  };
}

/** Asked for by each run, and seldom another than before. */
function describing(access: Pick<Access, 'choice'>, namespace: string | undefined): () => KubeInfo {
  let known: { readonly choice: KubeconfigChoice; readonly info: KubeInfo } | null = null;
  return () => {
    const { choice } = access;
    if (known?.choice !== choice) known = { choice, info: describe(choice, namespace) };
    return known.info;
  };
}

const askedFor = { path: '/version', subject: { verb: 'get', kind: '/version' }, isPulse: true };

/**
 * Asks for the version, which is also how a sign of life is asked for. Where none comes, everything that is open is given up:
 * it stands on the same way there, and the next try may find another.
 */
async function version(http: KubeHttp, stop: AbortSignal): Promise<string> {
  try {
    const answer = (await http.json(askedFor, stop)) as { gitVersion?: unknown };
    http.answered();
    return plainText(String(answer?.gitVersion ?? 'unknown')).slice(0, 100);
  } catch (error) {
    if (!hasCode(error, problemCodes.clusterOutOfReach, problemCodes.untrustedCertificate)) throw error;
    http.giveUp();
    const { server, choice } = http.access;
    const elsewhere = http.access.reread();
    throw elsewhere === null ? error : moved(choice.context, server, elsewhere);
  }
}

const moved = (context: string, before: string, now: string): ProblemError =>
  failure(
    'unavailable',
    'S303',
    `cluster at ${before} is out of reach, and the kubeconfig names another for context ${context}: ${now}`,
    'nothing is deployed to another cluster unasked: end this session and start it again',
  );

function kubePort(http: KubeHttp, info: KubeInfo, describeNow: () => KubeInfo): KubePort {
  const kinds = discovery(http);
  const objects = objectCalls(http, kinds, info.namespace);
  const never = new AbortController().signal;
  return {
    get info() {
      return describeNow();
    },
    ...objects,
    version: (stop = never) => version(http, stop),
    watch: (kind, namespace, labelSelector) => watchKind(http, kind, namespace, labelSelector),
    fieldNames: (apiVersion, kind, path, stop) => fieldNames(http, apiVersion, kind, path, stop),
    logs: (pod, options) => podLogs(http, pod, options),
    exec: (pod, cmd, options, stop) => execInPod(http, pod, cmd, options, stop),
    askProbe: (pod, question, stop) => askProbe(http, pod, question, stop),
    dial: (pod, port, stop) => dialPod(http, pod, port, stop),
    registry: (stop) => findRegistry(objects, info, stop),
    sharesDaemon: (docker) => sharesDaemon(info, docker),
    close: () => http.close(),
  };
}

/**
 * Connects and asks for the version once, so that a cluster out of reach is told at once. Rejects with a problem:
 * S300–S302 (kubeconfig), S303 and S304 (connection), S305 and S306 (login). May be called again after a failure.
 */
export async function connectKube(options: KubeOptions = {}): Promise<KubePort> {
  const env = options.env ?? process.env;
  const home = options.home ?? homedir();
  const choice = readKubeconfig({ ...options, env, home });
  // The context stays what it was: `kubectl config use-context` in another window must not move a session.
  const pinned = { ...options, ...(options.context ? {} : { context: choice.context }), env, home };
  const read = (): KubeconfigChoice | null => {
    try {
      return readKubeconfig(pinned);
    } catch {
      return null;
    }
  };
  const http = kubeHttp(openAccess(choice, env, read));
  try {
    await version(http, new AbortController().signal);
  } catch (error) {
    // A cluster that hides its version from this user has answered all the same.
    const hasAnswered = hasCode(error, problemCodes.notAllowed, problemCodes.noObject);
    if (!hasAnswered) {
      http.close();
      throw error;
    }
  }
  return kubePort(http, describe(choice, options.namespace), describing(http.access, options.namespace));
}
