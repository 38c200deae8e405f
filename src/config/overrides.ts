// What the command line says, laid over what was read.

import type { ComposeProject, ComposeService } from '../model/compose.ts';
import type { Overrides } from '../model/config/overrides.ts';
import type { Config } from '../model/config.ts';
import type { Problem } from '../model/problems/problem.ts';
import { lookup } from '../model/text/lookup.ts';
import { unknownNames } from './unknown-name.ts';

/** Replicas and pull policies of services: neither is part of what a container is compared by. */
export function overridden(project: ComposeProject, { scale = {}, pull }: Overrides): ComposeProject {
  const over = (name: string, service: ComposeService): ComposeService => {
    const count = lookup(scale, name);
    return { ...service, ...(pull ? { pull_policy: pull } : {}), ...(count === undefined ? {} : { scale: count }) };
  };
  const all = Object.entries(project.services).map(([name, service]) => [name, over(name, service)] as const);
  return { ...project, services: Object.fromEntries(all) };
}

/** Services that are to have replicas and are not there. */
export const unknownIn = ({ scale = {} }: Overrides, project: ComposeProject | null): readonly Problem[] =>
  unknownNames(Object.keys(scale), Object.keys(project?.services ?? {}));

/** Without what the named ones need, where that was said. */
export function withoutNeeds(all: Config['resources'], { isAlone, services = [] }: Overrides): Config['resources'] {
  if (!isAlone) return all;
  const isKept = (name: string): boolean => services.includes(name);
  const entries = Object.entries(all).map(([name, spec]) =>
    isKept(name) ? [name, { ...spec, needs: spec.needs.filter((need) => isKept(need.name)) }] : [name, spec],
  );
  return Object.fromEntries(entries) as Config['resources'];
}
