// A push in the same solve as its build. What goes wrong with it is left to the daemon's own call for pushes, which is asked next:
// that one says how far each layer is and why a registry refuses, and notices one that has gone.
import { limits } from '../../../model/limits.ts';
import type { BuildEvent, DockerBuild } from '../../../model/ports.ts';
import { isProblemError } from '../../../model/problems/problem.ts';
import { isText } from '../../../model/text/raw-name.ts';
import { onAbort } from '../../../operators/promises/on-abort.ts';
import { PushError } from '../../buildkit/build.ts';
import type { Attributes } from '../../buildkit/control.ts';
import { pushingLayers } from '../../buildkit/progress.ts';
import { type Silence, watchSilence } from '../connection/silence.ts';
import { image } from '../images/images.ts';
import { digestInRegistry } from '../images/push.ts';
import type { Builder } from './builder.ts';

/** The name by which it is pushed in the same solve, null where it is not: from containerd's store alone; what has names that are no text reaches BuildKit in an archive only. */
export function pushedAs({ isBuildkit, store }: Builder, { pushAs, tags, context }: DockerBuild): string | null {
  if (pushAs === undefined || tags.length > 0 || !isBuildkit || store !== 'containerd') return null;
  return context.entries.every(({ path, target = '' }) => isText(path) && isText(target)) ? pushAs : null;
}

export interface PushWithin {
  readonly attributes: Attributes;
  /** Raised where the registry answers nothing while it is pushed to, or what has to be tried again. */
  readonly over: AbortSignal;
  hear(event: BuildEvent): void;
  /** Of an image that was built and did not arrive; null where it was not built. */
  builtAlone(error: unknown): Promise<BuildEvent | null>;
  end(): void;
}

export function pushWithin({ client, credentials }: Builder, name: string, stop: AbortSignal): PushWithin {
  const over = new AbortController();
  let silence: Silence | null = null;
  const watch = (): void => {
    silence ??= watchSilence(() => digestInRegistry(client, credentials, name, stop, limits.registryAliveMs));
    onAbort(silence.over, () => over.abort(silence?.over.reason));
  };
  return {
    attributes: { name, push: 'true' },
    over: over.signal,
    hear: (event) => {
      if (event.is === 'step' && event.name === pushingLayers && event.state === 'started') watch();
      // Nothing else is said of a push before it fails, after seven seconds of this.
      if (event.is === 'output' && silence && /^retrying in /m.test(event.text)) over.abort();
    },
    // It has its name before it is pushed.
    builtAlone: async (error) => {
      const isLost = over.signal.aborted || error instanceof PushError;
      const made = isLost && !stop.aborted ? await image(client, name) : null;
      const { reason } = over.signal;
      return made && { is: 'built', id: made.id, ...(isProblemError(reason) ? { silent: reason.problem } : {}) };
    },
    end: () => silence?.end(),
  };
}
