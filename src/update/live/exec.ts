// In place by one exec per update and container. It may have been opened while the files still settled: starting a process
// in a container takes longer than that.

import type { Strategy } from '../strategy.ts';
import { updateInPlace } from './apply.ts';
import { claimLive } from './claim.ts';
import type { Synclets } from './synclet/pool.ts';
import { applyKeptOpen, isInCluster, kubeExec } from './synclet/transport.ts';
import type { LiveTransport } from './transport.ts';

const name = 'exec';

export const execStrategy = (synclets: Synclets): Strategy => ({
  name,
  claim: (work) => claimLive(work, 'exec'),
  run: updateInPlace(name, (ports): LiveTransport => {
    const apply = applyKeptOpen(synclets, kubeExec(ports), ports.disk);
    return {
      apply: (container, ...request) => apply(container, ...request).finally(() => synclets.forget(container.id)),
      isThere: isInCluster(ports),
      restart: null,
    };
  }),
});
