// Objects that helm runs at a moment of a release and does not count among its own: annotation `helm.sh/hook`. Those of an
// install or an upgrade have their moment under `up`; the others (tests, deleting, rolling back) never do.
import type { KubeObject, Moment } from '../config.ts';

export type Ending = 'succeeded' | 'failed';

export interface Hook {
  /** As the manifest says it. */
  readonly named: string;
  /** Moments before anything else of the release is applied, and after all of it was. None: never under `up`. */
  readonly before: readonly Moment[];
  readonly after: readonly Moment[];
  readonly weight: number;
  /** How it must have ended to be deleted then. */
  readonly deletedWhen: readonly Ending[];
}

const annotation = 'helm.sh/hook';

/** Every event that helm 3 knows, and those of helm 2 that it dropped. One it does not know makes it skip the whole object. */
const events: ReadonlyMap<string, readonly ['before' | 'after', Moment] | null> = new Map([
  ['pre-install', ['before', 'install']],
  ['crd-install', ['before', 'install']],
  ['post-install', ['after', 'install']],
  ['pre-upgrade', ['before', 'upgrade']],
  ['post-upgrade', ['after', 'upgrade']],
  ...['pre-delete', 'post-delete', 'pre-rollback', 'post-rollback', 'test', 'test-success', 'test-failure'].map(
    (name): [string, null] => [name, null],
  ),
]);

/** Null for an object of the release itself. As helm reads it: several names with commas, in any case. */
export function hookOf({ metadata: { annotations = {} } }: KubeObject): Hook | null {
  const named = annotations[annotation];
  if (named === undefined) return null;
  const names = words(named);
  const isKnown = names.every((name) => events.has(name));
  const moments = (when: 'before' | 'after'): Moment[] =>
    isKnown ? names.flatMap((name) => (events.get(name)?.[0] === when ? [events.get(name)![1]] : [])) : [];
  const weight = annotations[`${annotation}-weight`] ?? '';
  return {
    named: String(named),
    before: moments('before'),
    after: moments('after'),
    weight: /^[-+]?\d+$/.test(weight) ? Number(weight) : 0,
    deletedWhen: (['succeeded', 'failed'] as const).filter((ending) =>
      words(annotations[`${annotation}-delete-policy`] ?? '').includes(`hook-${ending}`),
    ),
  };
}

const words = (text: unknown): readonly string[] =>
  String(text)
    .split(',')
    .map((word) => word.trim().toLowerCase());

/** For sorting: by weight, then by name, as helm runs them. */
export const byTurn = (a: Hooked, b: Hooked): number =>
  a.hook.weight - b.hook.weight || (a.object.metadata.name < b.object.metadata.name ? -1 : 1);

export interface Hooked {
  readonly hook: Hook;
  readonly object: KubeObject;
}

/** helm waits for these to end; anything else it takes for done once it is there. */
export const isRunner = ({ apiVersion, kind }: KubeObject): boolean =>
  (kind === 'Job' && apiVersion.startsWith('batch/')) || (kind === 'Pod' && apiVersion === 'v1');
