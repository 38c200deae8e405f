// `links` and `external_links`: further names under which a container finds others.
import { composeLabels, containerName } from '../../../model/compose/names.ts';
import type { ComposeSpec } from '../../../model/config.ts';
import { lookup } from '../../../model/text/lookup.ts';
import type { Others } from './shared-containers.ts';

/** `SERVICE` or `SERVICE:ALIAS`. */
export function linkOf(link: string): { readonly to: string; readonly alias: string } {
  const [to = '', alias = to] = link.split(':');
  return { to, alias };
}

/** As the Engine API takes them: each container of a linked service by the alias, and by both forms of its own name. */
export function linksOf({ config, compose }: ComposeSpec, others: Others): readonly string[] {
  const own = (config.links ?? []).map(linkOf).flatMap(({ to, alias }) =>
    (lookup(others, to) ?? []).flatMap(({ name, labels }) => {
      const number = labels[composeLabels.number] ?? '1';
      return [alias, `${to}-${number}`, containerName(compose.name, to, Number(number))].map((as) => `${name}:${as}`);
    }),
  );
  const external = (config.external_links ?? []).map(linkOf).map(({ to, alias }) => `${to}:${alias}`);
  return [...own, ...external];
}
