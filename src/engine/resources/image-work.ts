// An image as a run of one resource finds it.
import type { ImageWork } from '../../model/run.ts';
import type { DeployableState, EngineState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { after } from './resource.ts';

/** With the files that containers of this resource may lack: those that changed since the image was made which it deployed. */
export function imageWork(state: EngineState, resource: DeployableState, ref: string): ImageWork {
  const spec = lookup(state.config.current?.images, ref);
  if (!spec) throw new Error(`no image ${ref} in the configuration`);
  const { last = null, files = {}, lost = 0 } = lookup(state.images, ref) ?? {};
  // Nothing that is built holds what is built elsewhere: containers are told apart by what was put into them.
  const since = spec.build.is === 'elsewhere' ? 0 : (lookup(resource.deploy.imagesAt, ref) ?? last?.change ?? 0);
  return { spec, last: lost > since ? null : last, files: Object.values(after(files, since)) };
}
