// Which files are watched for what: every image, every local resource, and what the configuration was made of. A build
// copies directories too, empty ones and their modes; to a command that reads files they say nothing.
import type { WatchPlan, WatchTarget } from '../../model/ports.ts';
import type { EngineState } from '../../model/state.ts';

export function watchPlan(state: EngineState): WatchPlan {
  const { current, reads } = state.config;
  const targets: WatchTarget[] = [];
  for (const image of Object.values(current?.images ?? {}))
    targets.push({ id: `image:${image.ref}`, files: image.watched ?? image.files, dirs: true });
  for (const spec of Object.values(current?.resources ?? {}))
    if (spec.kind === 'local' && spec.files.roots.length > 0)
      targets.push({ id: `local:${spec.name}`, files: spec.files, followsLinks: true });
  // What a broken file named as well as what the last good one did: the mend may be in either.
  for (const files of new Set([reads, current?.reads]))
    if (files) targets.push({ id: 'config', files, takesLinks: true });
  return { dir: state.options.dir, targets };
}
