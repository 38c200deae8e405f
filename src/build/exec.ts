// In place by one exec per update and container.
import { updateInPlace } from './live/apply.ts';
import { claimLive } from './live/claim.ts';
import type { Strategy } from './strategy.ts';
import { applyOnce, isInCluster, kubeExec } from './synclet/transport.ts';

const name = 'exec';

export const execStrategy: Strategy = {
  name,
  claim: (work) => claimLive(work, 'exec'),
  run: updateInPlace(name, (ports) => ({
    apply: applyOnce(kubeExec(ports), ports.disk),
    isThere: isInCluster(ports),
    restart: null,
  })),
};
