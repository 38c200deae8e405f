// The cluster: reachable, allowed to be touched, rights to read pods, and a registry that images can go to.

import { guardProblem } from '../../engine/reach.ts';
import { seed } from '../../engine/reduce.ts';
import { isRemote } from '../../model/builds/who-builds.ts';
import type { Config } from '../../model/config.ts';
import { limits } from '../../model/limits.ts';
import type { KubePort, Ports } from '../../model/ports.ts';
import { timeoutSignal } from '../../operators/promises/timeout-signal.ts';
import { loadWords } from '../../update/image/loaders.ts';
import { destinationOf } from '../../update/image/registry.ts';
import { refuseUnasked } from '../../update/image/unasked-push.ts';
import { type Check, failed, found } from './check.ts';

/** Nothing where the configuration deploys nothing. */
export async function clusterChecks(
  config: Config | null,
  { namespace }: { readonly namespace: string | null },
  ports: Pick<Ports, 'docker' | 'kube' | 'net'>,
  stop: AbortSignal,
): Promise<readonly Check[]> {
  const resources = Object.values(config?.resources ?? {});
  if (!config || resources.every(({ kind }) => kind !== 'kubernetes')) return [];
  return found('cluster', async () => {
    const kube = await ports.kube();
    const space = namespace ?? config.kubernetes?.namespace ?? kube.info.namespace;
    return [
      ...(await found('cluster', () => reached(kube, stop))),
      guardCheck(config, kube),
      ...(await found('cluster', () => rights(kube, space, stop))),
      ...(await found('registry', () => registry(config, kube, ports, stop))),
    ];
  });
}

async function reached(kube: KubePort, stop: AbortSignal): Promise<readonly Check[]> {
  const { server, context, local } = kube.info;
  const what = `Kubernetes ${await kube.version(stop)} at ${server}, context ${context}${local ? ` (${local})` : ''}`;
  return [{ name: 'cluster', status: 'ok', what }];
}

function guardCheck(config: Config, { info }: KubePort): Check {
  const problem = guardProblem({
    ...seed,
    config: { ...seed.config, current: config },
    cluster: { ok: true, status: 'ok', info },
  });
  if (problem) return failed('context', problem);
  return { name: 'context', status: 'ok', what: `${info.context} may be deployed to` };
}

async function rights(kube: KubePort, namespace: string, stop: AbortSignal): Promise<readonly Check[]> {
  const pods = await kube.list('v1', 'Pod', namespace, null, stop);
  const what = `namespace ${namespace}: ${pods.length} ${pods.length === 1 ? 'pod' : 'pods'} may be seen`;
  return [{ name: 'cluster', status: 'ok', what }];
}

async function registry(
  config: Config,
  kube: KubePort,
  ports: Pick<Ports, 'docker' | 'net'>,
  stop: AbortSignal,
): Promise<readonly Check[]> {
  const built = Object.values(config.images).filter(({ build }) => build.is !== 'elsewhere');
  if (built.length === 0) return [];
  const name = 'registry';
  const docker = built.some(({ build }) => !isRemote(build)) ? await (await ports.docker()).info(stop) : null;
  const { registry = null, delivery } = config.kubernetes ?? {};
  const where = { kubernetes: { registry, ...(delivery ? { delivery } : {}) } };
  const destination = await destinationOf(where, kube, docker, stop);
  const { host, push, load } = destination;
  if (load !== null) return [{ name, status: 'ok', what: `none is needed: images are ${loadWords(load)}` }];
  if (!push) return [{ name, status: 'ok', what: 'none is needed: the cluster runs on this Docker' }];
  if (host === null) {
    for (const { ref } of built) refuseUnasked(ref, destination);
    const what = 'none is announced by the cluster: images are pushed under their own names';
    return [{ name, status: 'warn', what, hint: 'name one: kubernetes: {registry: HOST:PORT}' }];
  }
  const error = await unreachable(host, ports, stop);
  if (error === null) return [{ name, status: 'ok', what: `${host} answers` }];
  const hint = 'it may still be reachable from Docker; start it, or correct kubernetes.registry';
  return [{ name, status: 'warn', what: `${host} does not answer from here (${error})`, hint }];
}

/** A registry that asks for a login has answered. */
async function unreachable(host: string, { net }: Pick<Ports, 'net'>, stop: AbortSignal): Promise<string | null> {
  const patience = AbortSignal.any([stop, timeoutSignal(limits.kubeConnectMs)]);
  let last = '';
  for (const scheme of ['https', 'http']) {
    const { ok, error } = await net.http(`${scheme}://${host.split('/')[0]}/v2/`, patience);
    if (ok || /^HTTP 40[13] /.test(error)) return null;
    last = error;
  }
  return last;
}
