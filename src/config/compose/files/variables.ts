// Variables by which `docker compose` is told how to go about a project.
import type { Orphans } from '../../../model/config.ts';
import { lookup } from '../../../model/text/lookup.ts';
import type { Variables } from '../../environment/expand.ts';
import { flag } from '../forms/quantities.ts';

const isOn = (variables: Variables, name: string): boolean => {
  const value = lookup(variables, name) ?? '';
  return value === '1' || flag(value) === true;
};

/** COMPOSE_DISABLE_ENV_FILE: the `.env` of the project is not read. */
export const isWithoutEnvFile = (variables: Variables): boolean => isOn(variables, 'COMPOSE_DISABLE_ENV_FILE');

/** What becomes of orphans, and how much is done at once: null where it is not said, or without bounds. */
export function habitsOf(variables: Variables): { readonly orphans: Orphans; readonly parallel: number | null } {
  const parallel = Number(lookup(variables, 'COMPOSE_PARALLEL_LIMIT') || Number.NaN);
  return {
    orphans: isOn(variables, 'COMPOSE_REMOVE_ORPHANS')
      ? 'removed'
      : isOn(variables, 'COMPOSE_IGNORE_ORPHANS')
        ? 'ignored'
        : 'told',
    parallel: Number.isInteger(parallel) && parallel > 0 ? parallel : null,
  };
}
