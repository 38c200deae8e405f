// What a new configuration means for each resource: equal digests are left alone.
import type { Config } from '../model/config.ts';

export interface ConfigDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Built or run anew: what it is made of has changed. */
  readonly changed: readonly string[];
  /** At most its labels, links, ports or trigger are new. */
  readonly unchanged: readonly string[];
}

export function diffConfigs(before: Config | null, after: Config): ConfigDiff {
  const old = before?.resources ?? {};
  const isKnown = (name: string): boolean => old[name] !== undefined;
  const isSame = (name: string): boolean =>
    old[name]?.digest === after.resources[name]?.digest && old[name]?.kind === after.resources[name]?.kind;
  return {
    added: after.order.filter((name) => !isKnown(name)),
    removed: (before?.order ?? []).filter((name) => after.resources[name] === undefined),
    changed: after.order.filter((name) => isKnown(name) && !isSame(name)),
    unchanged: after.order.filter((name) => isKnown(name) && isSame(name)),
  };
}
