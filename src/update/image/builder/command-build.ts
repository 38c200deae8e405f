// An image by a command of the user's own; it is told the name to produce, and has to produce it.

import { lastValueFrom, tap } from 'rxjs';
import { ProblemError } from '../../../model/problems/problem.ts';
import type { ImageWork } from '../../../model/run.ts';
import { shortened } from '../../../model/text/cut.ts';
import { fittedName } from '../../../model/text/fitted-name.ts';
import { type ImageBuilding, logTail } from '../build-scope.ts';
import { tagOf } from '../registry.ts';

/** What Docker takes as a tag: builds of two resources at once must not take each other's image for their own. */
const asTag = { refused: /[^a-zA-Z0-9.-]+/g, instead: '-', most: 100 };

/** Its id. The name was only for the command: it is taken away again, also after a failure or a cancel. */
export async function byCommand(image: ImageWork, repository: string, building: ImageBuilding): Promise<string> {
  const { ref, at } = image.spec;
  const tag = fittedName(`sluice-build-${building.work.runId.slice(0, 8)}-${building.work.run}`, asTag);
  const expected = `${repository}:${tag}`;
  try {
    await run(image, expected, tag, building);
    const made = await building.docker.image(expected);
    if (made) {
      // Removing the only name of an image removes the image.
      await building.docker.tag(made.id, `${repository}:${tagOf(made.id)}`);
      return made.id;
    }
  } finally {
    await building.docker.removeImage(expected).catch(() => {});
  }
  throw new ProblemError({
    kind: 'yours',
    code: 'S261',
    what: `${ref}: its build command ended well but made no image ${expected}`,
    hint: 'it has to produce the name in $SLUICE_IMAGE, in the Docker that sluice uses',
    at,
  });
}

async function run(image: ImageWork, expected: string, tag: string, building: ImageBuilding): Promise<void> {
  const { build, ref, at } = image.spec;
  if (build.is !== 'command') throw new Error(`${ref} is not built by a command`);
  const origin = { resource: building.work.resource, source: 'build' as const, run: building.work.run };
  const env = {
    ...build.env,
    SLUICE_IMAGE: expected,
    SLUICE_REGISTRY: building.destination.host ?? '',
    SLUICE_TAG: tag,
  };
  const exit = await lastValueFrom(
    building.ports.proc.run({ cmd: build.command, dir: build.dir, env }, building.stop).pipe(
      tap((event) => {
        if (event.is === 'output') building.ports.logs.write(origin, event.chunk, building.ports.now());
      }),
    ),
  );
  building.ports.logs.end(origin, building.ports.now());
  building.stop.throwIfAborted();
  if (exit.is === 'exited' && exit.code === 0) return;
  const how = exit.is === 'exited' ? (exit.signal ?? `code ${exit.code}`) : 'no status';
  throw new ProblemError({
    kind: 'step',
    code: 'S260',
    what: `${ref}: its build command ended with ${how}`,
    hint: `it ran in ${build.dir}: ${shortened(build.command, 200)}`,
    at,
    logTail: logTail(building),
  });
}
