// Local servers that should run.
import type { LocalSpec } from '../../model/config.ts';
import type { EngineState, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { those } from '../resources/those.ts';

export interface WantedServer {
  readonly generation: number;
  readonly spec: LocalSpec;
}

/** By resource. Nothing is served while draining: that is how servers are asked to stop. */
export function serversIn(state: EngineState): Readonly<Record<string, WantedServer>> {
  const all: Record<string, WantedServer> = {};
  if (state.phase !== 'up') return all;
  for (const {
    spec,
    used: { generations: generation },
  } of servingIn(state))
    if (spec.kind === 'local') all[spec.name] = { generation, spec };
  return all;
}

const servingIn = those(
  (resource: ResourceState) => resource.kind === 'local' && resource.spec.serve !== null && resource.server.serves,
);

export const sameServers = (
  a: Readonly<Record<string, WantedServer>>,
  b: Readonly<Record<string, WantedServer>>,
): boolean => {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every(
      (name) => a[name]?.generation === lookup(b, name)?.generation && a[name]?.spec === lookup(b, name)?.spec,
    )
  );
};
