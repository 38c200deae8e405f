// Which controllers a deploy has spoken to: from what generation on their status is about it.
import { controlledKind } from '../../engine/readiness/watched-workloads.ts';
import type { KubeObject } from '../../model/config.ts';
import type { PodsWanted } from '../../model/manifests/images/inject.ts';
import { objectRef, podTemplate } from '../../model/manifests.ts';
import type { Applied } from './objects/apply.ts';
import { refKey } from './objects/namespaces.ts';

/** `templates` belong to the objects that have pods, in their order. */
export function withControllers(
  templates: readonly PodsWanted[],
  objects: readonly KubeObject[],
  applied: readonly Applied[],
): readonly PodsWanted[] {
  const byKey = new Map(applied.map((each) => [refKey(each.ref), each]));
  const workloads = objects.filter((object) => podTemplate(object) !== null);
  return templates.map((template, i) => {
    const object = workloads[i];
    const found = object && byKey.get(refKey(objectRef(object)));
    return found ? { ...template, ...seen(found) } : template;
  });
}

function seen({ object, done }: Applied): Partial<PodsWanted> {
  const { uid, name, namespace, generation } = object.metadata;
  if (done) return { isDone: true };
  if (!controlledKind(object) || typeof uid !== 'string' || namespace === undefined) return {};
  return {
    controller: { uid, name, namespace, generation: typeof generation === 'number' ? generation : 0 },
  };
}
