// Everything that the cluster can list and delete, for what has to be found without knowing its kind.
import { limits } from '../../../model/limits.ts';
import { isAbort } from '../../../model/problems/problem.ts';
import type { KubeHttp } from '../http.ts';
import type { ResourceKind } from './discovery.ts';

type Found = Pick<ResourceKind, 'apiVersion' | 'kind' | 'namespaced'>;
type Json = Readonly<Record<string, unknown>>;

const list = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
const record = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

/** A service behind an aggregated group may be down: that must not keep the others from being found. */
export async function listableKinds(http: KubeHttp, stop: AbortSignal): Promise<readonly Found[]> {
  const ask = async (path: string): Promise<Json> => {
    try {
      return record(await http.json({ path, subject: { verb: 'discover', kind: path } }, stop));
    } catch (error) {
      if (isAbort(error)) throw error;
      return {};
    }
  };
  const groups = list((await ask('/apis')).groups)
    .map(({ preferredVersion }) => record(preferredVersion).groupVersion)
    .filter((version) => typeof version === 'string' && /^[A-Za-z0-9.-]+\/[A-Za-z0-9]+$/.test(version));
  const versions = ['v1', ...(groups as string[])];
  const found: Found[] = [];
  for (let at = 0; at < versions.length; at += limits.applyParallel) {
    const some = versions.slice(at, at + limits.applyParallel);
    const answers = await Promise.all(some.map((version) => ask(version === 'v1' ? '/api/v1' : `/apis/${version}`)));
    found.push(...answers.flatMap((answer, i) => kindsIn(answer, some[i] as string)));
  }
  return found;
}

function kindsIn({ resources }: Json, apiVersion: string): Found[] {
  return list(resources).flatMap(({ name, kind, namespaced, verbs }) => {
    const isWhole = typeof name === 'string' && !name.includes('/') && typeof kind === 'string';
    const can = Array.isArray(verbs) && verbs.includes('list') && verbs.includes('delete');
    return isWhole && can ? [{ apiVersion, kind, namespaced: namespaced === true }] : [];
  });
}
