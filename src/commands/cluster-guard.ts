// May this cluster be touched? Asked by commands that look at the configuration once, of the engine's own rule.
import { guardProblem } from '../engine/reach.ts';
import { seed } from '../engine/reduce.ts';
import type { Config } from '../model/config.ts';
import type { KubeInfo } from '../model/ports.ts';
import type { Problem } from '../model/problems/problem.ts';

/** Null where it may. */
export function guardOf(kubernetes: Config['kubernetes'], info: KubeInfo): Problem | null {
  const current = { kubernetes } as Config;
  return guardProblem({
    ...seed,
    config: { ...seed.config, current },
    cluster: { ok: true, status: 'ok', info },
  });
}
