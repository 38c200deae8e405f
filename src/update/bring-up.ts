// What has been built is brought up where it runs: in a cluster, or as containers of a Compose project.
import { type Observable, of } from 'rxjs';
import type { Ports } from '../model/ports.ts';
import type { BuiltImage, ContainersWork, RunEvent } from '../model/run.ts';
import { composeUp } from './compose/up.ts';
import { deployImages } from './deploy/deploy.ts';

/** With these images, and the last ones of what was not built now; they alone are it where no more is wanted yet. Ends with one outcome. */
export const bringUp = (
  work: ContainersWork,
  built: readonly BuiltImage[],
  stop: AbortSignal,
  ports: Ports,
  strategy = 'full build',
): Observable<RunEvent> =>
  work.half === 'build' ? of(builtOnly(built)) : broughtUp(work, built, stop, ports, strategy);

const builtOnly = (images: readonly BuiltImage[]): RunEvent => ({
  is: 'ended',
  outcome: { is: 'ok', result: { strategy: 'build', images, deployed: null, ledgers: {}, unchanged: false } },
});

const broughtUp = (
  work: ContainersWork,
  built: readonly BuiltImage[],
  stop: AbortSignal,
  ports: Ports,
  strategy: string,
): Observable<RunEvent> =>
  work.kind === 'compose'
    ? composeUp(work, built, stop, ports, strategy)
    : deployImages(work, built, stop, ports, strategy);
