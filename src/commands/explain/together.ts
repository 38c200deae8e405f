// What one change does to several resources: in which order, and what of it is done once. Pure.
import type { Config } from '../../model/config.ts';
import { lookup } from '../../model/text/lookup.ts';
import type { Effect, Step } from './effect.ts';

/** What is needed for its order alone does not keep an update waiting: it was up already. */
export function together(config: Config, effects: readonly Effect[]): readonly Effect[] {
  const concerned = new Set(effects.map(({ resource }) => resource));
  const builds = effects.flatMap(({ resource, steps }) =>
    steps.flatMap((step) => (isOfImage(step) ? [{ resource, what: step.what }] : [])),
  );
  const withOthers = (step: Step, resource: string): Step => {
    if (!isOfImage(step)) return step;
    const once = builds.filter(({ what, ...other }) => what === step.what && other.resource !== resource);
    return once.length > 0 ? { ...step, once: once.map((other) => other.resource) } : step;
  };
  return effects.map((effect) => ({
    ...effect,
    after: (lookup(config.resources, effect.resource)?.needs ?? []).flatMap(({ name, update }) =>
      update !== 'order' && concerned.has(name) ? [name] : [],
    ),
    steps: effect.steps.map((step) => withOthers(step, effect.resource)),
  }));
}

const isOfImage = ({ does }: Step): boolean => does === 'build' || does === 'exchange';
