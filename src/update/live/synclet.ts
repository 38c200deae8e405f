// In place by the helper: one shell per container kept open, so that an update costs one round trip.

import type { Strategy } from '../strategy.ts';
import { updateInPlace } from './apply.ts';
import { claimLive } from './claim.ts';
import type { Synclets } from './synclet/pool.ts';
import { applyKeptOpen, isInCluster, kubeExec } from './synclet/transport.ts';

const name = 'synclet';

export const syncletStrategy = (synclets: Synclets): Strategy => ({
  name,
  claim: (work) => claimLive(work, 'synclet'),
  run: updateInPlace(name, (ports) => ({
    apply: applyKeptOpen(synclets, kubeExec(ports), ports.disk),
    isThere: isInCluster(ports),
    restart: null,
  })),
});
