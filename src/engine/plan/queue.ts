// Who waits for a run, in which order, and who of them has to be asked again why.
import { sharesWith } from '../../model/compose/sharing.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { listed } from '../resources/resource-list.ts';
import { isRunning } from '../resources/run.ts';
import { placesLeft } from '../resources/slots.ts';
import { placesOf } from '../resources/table.ts';
import { those } from '../resources/those.ts';
import { wantsRun } from '../resources/want.ts';
import { runningIn } from './decisions.ts';
import { byUrgency } from './urgency.ts';

/**
 * Who might be told something new, the most urgent first. Who is in line is held by those that run alone: where nothing else
 * can have come to hold it, only as many from its head are asked as there are places. Who sleeps is held by what it needs, and
 * is asked when that is another than at the last look.
 */
export function toAsk(state: EngineState): readonly ResourceState[] {
  if (!isOpen(state)) {
    asked = [];
    return waitingIn(state);
  }
  const next = lineIn(state).slice(0, placesLeft(state, runningIn(state)));
  const others = [...othersIn(state), ...awoken(state)];
  const at = placesOf(state.order);
  const place = ({ spec }: ResourceState): number => at.get(spec.name) ?? 0;
  return [...others, ...next].sort((a, b) => byUrgency(a, b) || place(a) - place(b));
}

/** Only needs, images and containers hold anything. */
const isOpen = (state: EngineState): boolean =>
  state.config.wanted === state.config.loaded &&
  (!state.options.watch || state.files.watching) &&
  !state.git.held &&
  Object.keys(state.removals).length === 0;

const isWaiting = (resource: ResourceState): boolean => !isRunning(resource) && wantsRun(resource);

const isInLine = (resource: ResourceState): boolean =>
  resource.update.hold?.reason === 'slots' &&
  resource.spec.kind === 'local' &&
  resource.spec.needs.length === 0 &&
  isWaiting(resource);

const isAsleep = (resource: ResourceState): boolean => resource.update.hold?.reason === 'needs' && isWaiting(resource);

const waitingIn = those(isWaiting, byUrgency);
const lineIn = those(isInLine, byUrgency);
const asleepIn = those(isAsleep);
const othersIn = those(
  (resource: ResourceState) => isWaiting(resource) && !isInLine(resource) && !isAsleep(resource),
  byUrgency,
);

/** All resources as they were before the last look that asked them: what was decided in it is other than that. */
let asked: readonly ResourceState[] = [];

function awoken(state: EngineState): readonly ResourceState[] {
  const list = listed(state);
  const at = placesOf(state.order);
  const isSame = (name: string): boolean => {
    const place = at.get(name);
    return place === undefined || list[place] === asked[place];
  };
  const awake = asleepIn(state).filter(({ spec }) => !isSame(spec.name) || !holdersOf(state, spec.name).every(isSame));
  asked = list;
  return awake;
}

const holders = new WeakMap<object, Map<string, readonly string[]>>();

/** All whose state may hold it: what it needs, and what makes that run or start again. */
function holdersOf(state: EngineState, name: string): readonly string[] {
  const specs = state.config.current?.resources ?? {};
  const known = holders.get(specs) ?? new Map<string, readonly string[]>();
  holders.set(specs, known);
  const before = known.get(name);
  if (before) return before;
  const found = new Set<string>((lookup(specs, name)?.needs ?? []).map((need) => need.name));
  // Grows while it is gone through.
  for (const each of found) {
    const spec = lookup(specs, each);
    for (const need of spec?.needs ?? []) {
      const other = lookup(specs, need.name);
      const follows = need.update === 'rerun' || need.update === 'restart';
      if (follows || (spec && other && sharesWith(spec, other))) found.add(need.name);
    }
  }
  const all = [...found];
  known.set(name, all);
  return all;
}
