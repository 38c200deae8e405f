// Work that no session plans: of a command that builds for itself, or asks what a run would do. Only the rest differs.
import type { Config } from '../config.ts';
import type { ContainersWork, ImageWork } from '../run.ts';
import { lookup } from '../text/lookup.ts';

/** `images`: those of its spec, bases first. */
export const unplannedWork = ({ project }: Config, resource: string, images: readonly ImageWork[]) =>
  ({
    run: `${resource}#0`,
    resource,
    cause: 'first',
    why: [],
    change: 0,
    files: [],
    force: false,
    project,
    images,
    containers: [],
    deployed: null,
    updateMode: 'auto',
    runId: '',
    fullBuild: null,
  }) satisfies Partial<ContainersWork>;

/** What of `refs` the configuration has, as it was never built. */
export const neverBuilt = ({ images }: Config, refs: readonly string[]): readonly ImageWork[] =>
  refs.flatMap((ref) => {
    const spec = lookup(images, ref);
    return spec ? [{ spec, last: null, files: [] }] : [];
  });
