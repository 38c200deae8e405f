// What has to be done for the containers of a service to be as it is configured: kept, started, made anew, made, taken away.
// Pure; Compose's own rules.
import { composeLabels } from '../../model/compose/names.ts';
import type { ComposeSpec } from '../../model/config.ts';
import { originOf } from '../../model/pods/container-reading.ts';
import type { EngineContainer } from '../../model/ports/containers.ts';
import { lookup } from '../../model/text/lookup.ts';
import { networksOf } from './container/service-networks.ts';
import { hashWith, type Others } from './container/shared-containers.ts';
import type { NetworkIds } from './project-parts.ts';

export type Step =
  | { readonly does: 'keep'; readonly container: EngineContainer }
  | { readonly does: 'start'; readonly container: EngineContainer }
  /** `because`: for people. */
  | { readonly does: 'remake'; readonly number: number; readonly container: EngineContainer; readonly because: string }
  | { readonly does: 'make'; readonly number: number }
  | { readonly does: 'remove'; readonly container: EngineContainer };

export interface Wanted {
  readonly spec: ComposeSpec;
  readonly imageId: string;
  /** Ids of its networks as they are now, and of containers that it shares something with. */
  readonly networks: NetworkIds;
  readonly others: Others;
  /** All are made anew. */
  readonly force: boolean;
  /** Ids of those that hold what their image does not: files that an earlier session put into them. */
  readonly spoiled: ReadonlySet<string>;
}

/** `there`: all containers of the service, one-offs aside. Those with the lowest numbers stay. */
export function converge(there: readonly EngineContainer[], wanted: Wanted): readonly Step[] {
  const { spec } = wanted;
  const own = there.toSorted((a, b) => numberOf(a) - numberOf(b) || a.createdAt - b.createdAt);
  const kept = own.slice(0, spec.replicas);
  const steps: Step[] = own.slice(spec.replicas).map((container) => ({ does: 'remove', container }));
  for (const container of kept) {
    const because = reasonToRemake(container, wanted);
    if (because !== null) steps.push({ does: 'remake', number: numberOf(container), container, because });
    else steps.push({ does: container.state === 'running' ? 'keep' : 'start', container });
  }
  const taken = new Set(kept.map(numberOf));
  for (let number = 1; taken.size < spec.replicas; number++) {
    if (taken.has(number)) continue;
    taken.add(number);
    steps.push({ does: 'make', number });
  }
  return steps;
}

export const numberOf = ({ labels }: EngineContainer): number => Number(labels[composeLabels.number] ?? 0);

function reasonToRemake(container: EngineContainer, wanted: Wanted): string | null {
  const { spec, imageId, others, force, spoiled } = wanted;
  if (force) return 'asked for';
  const madeOf = originOf(container);
  if (madeOf.hash !== hashWith(spec, others)) return 'its configuration changed';
  if (madeOf.image !== imageId) return 'its image changed';
  if (spoiled.has(container.id)) return 'an earlier session had put files into it';
  const missing = networksOf(spec).find(({ name }) => !isIn(name, container, wanted));
  return missing ? `it is not in the network ${missing.name}` : null;
}

/** Of one that was never started the daemon tells no id; a network that was made anew since has another. */
function isIn(name: string, { networks }: EngineContainer, { networks: now }: Wanted): boolean {
  const id = lookup(networks, name);
  return id === '' || (id !== undefined && id === (lookup(now, name) ?? id));
}
