// What a changed file does to one resource: the steps that would run, each with the rule that asks for it. Pure.

import type {
  ComposeSpec,
  Config,
  ImageSpec,
  KubeSpec,
  LiveRule,
  LocalSpec,
  Need,
  ResourceSpec,
} from '../../model/config.ts';
import { imagesIn, placesOf } from '../../model/manifests.ts';
import type { SourcePos } from '../../model/problems/problem.ts';
import { neverBuilt, unplannedWork } from '../../model/run/unplanned-work.ts';
import type { ContainersWork, FileChange } from '../../model/run.ts';
import { hits, syncRuleFor } from '../../update/live/rules.ts';
import { type LivePlan, planLive, withBases } from '../../update/live/steps.ts';

export interface Step {
  /** `exchange`: files in the last image, where that is in a registry; else it is built. */
  readonly does: 'copy' | 'delete' | 'run' | 'restart' | 'exchange' | 'build' | 'apply' | 'serve';
  readonly what: string;
  readonly at?: SourcePos;
  /** Of an image: others that use it and follow the change as well. It is built once. */
  readonly once?: readonly string[];
}

export interface Effect {
  readonly resource: string;
  /** `live`: updated in place · `exchange`, `build`: a new image, deployed · `run`: a local command or server runs again. */
  readonly how: 'live' | 'exchange' | 'build' | 'run';
  /** Why, with its place in the text where it has one. */
  readonly because: string;
  /** The rule that decides it. */
  readonly at: SourcePos;
  readonly steps: readonly Step[];
  /** Nothing happens before `sluice trigger`. */
  readonly waits: boolean;
  /** Resources that the change concerns as well, and whose update this one waits for. */
  readonly after: readonly string[];
  /** Resources that follow, by what they need. */
  readonly followers: readonly { readonly resource: string; readonly update: Need['update'] }[];
}

export function effectOnLocal(config: Config, spec: LocalSpec): Effect {
  const steps: Step[] = [
    ...(spec.cmd === null ? [] : [{ does: 'run', what: spec.cmd } as const]),
    ...(spec.serve === null ? [] : [{ does: 'serve', what: spec.serve } as const]),
  ];
  return { ...base(config, spec), how: 'run', because: `it is among the deps of ${spec.name}`, at: spec.at, steps };
}

const base = (config: Config, { name, trigger }: ResourceSpec) => ({
  resource: name,
  waits: trigger === 'manual',
  after: [],
  followers: Object.values(config.resources).flatMap((other) =>
    other.needs
      .filter((need) => need.name === name && need.update !== 'order')
      .map(({ update }) => ({ resource: other.name, update })),
  ),
});

/** What a path means to images, by their refs. */
export interface Touched {
  /** It is among their files. */
  readonly changed: ReadonlySet<string>;
  /** Those of them that need no builder to take it in. */
  readonly exchangeable: ReadonlySet<string>;
}

/** At least one of `touched.changed` is the resource's. */
export function effectOnImages(
  config: Config,
  spec: KubeSpec | ComposeSpec,
  touched: Touched,
  path: string,
  kind: FileChange['kind'],
): Effect {
  const work = workWith(config, spec, touched.changed, { path, kind, change: 2 });
  const used =
    spec.kind === 'compose'
      ? [spec.image]
      : imagesIn(
          spec.objects.map(({ object }) => object),
          spec.images,
          placesOf(Object.values(config.images)),
        );
  const concerned = work.images.filter(
    (image) => used.includes(image.spec.ref) && withBases(work, image).some(({ files }) => files.length > 0),
  );
  // In a container that has everything but this change.
  const plans = concerned.map((image) => ({
    image: image.spec,
    plan: planLive(work, image, { ledger: 1, isNew: false }),
  }));
  const refused = plans.flatMap(({ image, plan }) => (plan.take ? [] : [{ image, because: plan.because }]))[0];
  if (refused) {
    const { image, because } = refused;
    const at = fallbackFor(image.live, path)?.at ?? image.at;
    const how = isExchanged(work, touched) ? 'exchange' : 'build';
    return { ...base(config, spec), how, because, at, steps: imageSteps(work, touched, how) };
  }
  const rule = plans.map(({ image }) => syncRuleFor(image.live, path)).find((rule) => rule !== null);
  const at = rule?.at ?? spec.at;
  const steps = plans.flatMap(({ image, plan }) => (plan.take ? liveSteps(plan, image.live, path) : []));
  return { ...base(config, spec), how: 'live', because: `a sync rule of ${plans[0]?.image.ref} covers it`, at, steps };
}

function workWith(
  config: Config,
  spec: KubeSpec | ComposeSpec,
  changed: ReadonlySet<string>,
  file: FileChange,
): ContainersWork {
  const images = neverBuilt(config, spec.images).map((image) =>
    changed.has(image.spec.ref) ? { ...image, files: [file] } : image,
  );
  const { change } = file;
  const work = { ...unplannedWork(config, spec.name, images), cause: 'files' as const, change, files: [file] };
  if (spec.kind === 'compose') return { ...work, kind: 'compose', spec };
  const kubernetes = config.kubernetes ?? { context: null, allow: [], namespace: null, registry: null };
  return { ...work, kind: 'kubernetes', spec, kubernetes, config: '', adopt: false };
}

const fallbackFor = (rules: readonly LiveRule[], path: string): LiveRule | undefined =>
  rules.find((rule) => rule.is === 'fallback' && hits(rule.paths, path));

const imageSteps = (work: ContainersWork, touched: Touched, does: 'exchange' | 'build'): readonly Step[] => [
  ...staleIn(work, touched).map(({ ref, at }): Step => ({ does, what: ref, at })),
  { does: 'apply', what: work.resource, at: work.spec.at },
];

function isExchanged(work: ContainersWork, touched: Touched): boolean {
  const stale = staleIn(work, touched);
  return isPushed(work) && stale.every(({ ref, bases }) => touched.exchangeable.has(ref) && !isAmong(stale, bases));
}

/** With those that are built from one that changed. */
function staleIn(work: ContainersWork, { changed }: Touched): readonly ImageSpec[] {
  const isStale = (image: ImageSpec): boolean =>
    changed.has(image.ref) ||
    image.bases.some((ref) => work.images.some(({ spec }) => spec.ref === ref && isStale(spec)));
  return work.images.map(({ spec }) => spec).filter((spec) => spec.build.is !== 'elsewhere' && isStale(spec));
}

const isAmong = (images: readonly ImageSpec[], refs: readonly string[]): boolean =>
  images.some(({ ref }) => refs.includes(ref));

/** As far as the configuration says. */
const isPushed = (work: ContainersWork): boolean =>
  work.kind === 'kubernetes' && work.kubernetes.delivery !== 'load' && work.kubernetes.delivery !== 'shared';

function liveSteps(plan: LivePlan, rules: readonly LiveRule[], path: string): readonly Step[] {
  const sync = syncRuleFor(rules, path);
  const place = sync ? { at: sync.at } : {};
  const restart = rules.find((rule) => rule.is === 'restart');
  return [
    ...plan.copies.map(({ target }): Step => ({ does: 'copy', what: target, ...place })),
    ...plan.deletes.map(({ target }): Step => ({ does: 'delete', what: target, ...place })),
    ...plan.runs.map(({ cmd, at }): Step => ({ does: 'run', what: cmd, at })),
    ...(plan.restart && restart ? [{ does: 'restart', what: plan.restart, at: restart.at } as const] : []),
  ];
}
