// What changed for the worse or the better between two states, said once.
import type { PublicState } from '../../../model/public-state.ts';
import { rowStatusOf } from '../lists/row-status.ts';
import { resourcesOf } from '../lists/rows.ts';
import type { Effect, Model } from '../model.ts';

const list = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(', ');

/** Takes over which resources fail now; asks for a notification where one began to, or is well again. */
export function alerted(
  model: Model,
  state: PublicState,
): { readonly failing: ReadonlySet<string>; readonly effects: readonly Effect[] } {
  const failing = new Set<string>();
  const failed: string[] = [];
  const well: string[] = [];
  for (const resource of resourcesOf(state)) {
    const standing = rowStatusOf(resource);
    const before = model.failing.has(resource.name);
    if (standing === 'failed' || (before && standing !== 'ok' && standing !== 'off')) failing.add(resource.name);
    if (standing === 'failed' && !before) failed.push(resource.name);
    if (standing === 'ok' && before) well.push(resource.name);
  }
  const effects: Effect[] = [];
  if (failed.length > 0) effects.push({ do: 'notify', text: `${list(failed)} failed`, bad: true });
  if (well.length > 0) effects.push({ do: 'notify', text: `${list(well)} well again`, bad: false });
  return { failing, effects: model.bell && model.state ? effects : [] };
}
