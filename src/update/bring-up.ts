// What has been built is brought up where it runs: in a cluster, or as containers of a Compose project.
import type { Observable } from 'rxjs';
import type { Ports } from '../model/ports.ts';
import type { BuiltImage, ContainersWork, RunEvent } from '../model/run.ts';
import { composeUp } from './compose/up.ts';
import { deployImages } from './deploy/deploy.ts';

/** With these images, and the last ones of what was not built now. Ends with one outcome. */
export const bringUp = (
  work: ContainersWork,
  built: readonly BuiltImage[],
  stop: AbortSignal,
  ports: Ports,
  strategy = 'full build',
): Observable<RunEvent> =>
  work.kind === 'compose'
    ? composeUp(work, built, stop, ports, strategy)
    : deployImages(work, built, stop, ports, strategy);
