// Do Services still send to a pod?
import type { EngineState } from '../../model/state.ts';

const gathered = new WeakMap<EngineState['endpoints'], ReadonlySet<string>>();

/** uids of all pods that take traffic, as the EndpointSlices have them. */
export function takingTraffic({ endpoints }: EngineState): ReadonlySet<string> {
  const known = gathered.get(endpoints);
  if (known) return known;
  const found = new Set(Object.values(endpoints).flatMap(({ pods }) => pods));
  gathered.set(endpoints, found);
  return found;
}
