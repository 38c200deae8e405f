// A push that nobody asked for: an image whose registry is only what its name amounts to.
import { isPrivate } from '../../model/hosts/private-host.ts';
import { imageName } from '../../model/manifests.ts';
import { ProblemError } from '../../model/problems/problem.ts';
import type { Destination } from './registry.ts';

/**
 * Throws where an image would leave for a registry that nobody named: for Docker Hub, which a name without a registry
 * means, and for any public one where the cluster's own could not be found out.
 */
export function refuseUnasked(ref: string, { push, unknown }: Pick<Destination, 'push' | 'unknown'>): void {
  if (!push || unknown === null) return;
  const host = imageName(ref).name.split('/')[0] ?? '';
  if (host !== 'docker.io' && (unknown.mayBeThere === null || isPrivate(host))) return;
  const where = host === 'docker.io' ? 'Docker Hub' : host;
  throw new ProblemError({
    kind: 'yours',
    code: 'S264',
    what: `no registry is known that the nodes of ${unknown.context} pull ${ref} from: it would be pushed to ${where}${
      unknown.mayBeThere === null
        ? ''
        : `. The cluster may announce one, which could not be read: ${unknown.mayBeThere}`
    }`,
    hint: `name it in sluice.yaml: kubernetes: {registry: HOST:PORT}; if ${where} is meant, {registry: ${host === 'docker.io' ? 'docker.io/NAME' : host}}`,
  });
}
