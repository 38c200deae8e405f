// An image from a Dockerfile, by the Docker daemon; what it says goes to the build log.

import { lastValueFrom, tap } from 'rxjs';
import type { ImageSpec } from '../../../model/config.ts';
import type { DockerBuild } from '../../../model/ports.ts';
import { isProblemError, type Problem, ProblemError } from '../../../model/problems/problem.ts';
import type { ImageWork } from '../../../model/run.ts';
import { type ImageBuilding, tell } from '../build-scope.ts';
import type { BuildInput } from '../known/input-digest.ts';
import { imageLabels } from '../labels.ts';
import { buildLog } from '../progress/build-log.ts';

/** What every builder is told. */
export function requestOf(image: ImageWork, input: BuildInput, building: ImageBuilding): DockerBuild {
  const { build, ref } = image.spec;
  if (build.is !== 'dockerfile') throw new Error(`${ref} is not built from a Dockerfile`);
  const { disk } = building.ports;
  const directories = Object.entries(build.directories ?? {}).map(([name, { dir }]) => [
    name,
    { root: dir, entries: input.beside?.[name] ?? [], mtime: 0, disk },
  ]);
  return {
    context: { root: build.context, entries: input.entries, mtime: 0, disk },
    ...(directories.length > 0 ? { directories: Object.fromEntries(directories) } : {}),
    ...(build.remote === undefined ? {} : { remote: { url: build.remote, isOurs: build.inline !== undefined } }),
    dockerfile: input.dockerfile,
    dockerfileText: input.dockerfileText,
    target: build.target,
    args: build.args,
    platform: build.platform,
    labels: { ...build.options?.labels, ...imageLabels(ref, building.work.project) },
    // Tagged only when it is whole: a cancelled build leaves no name behind.
    tags: [],
    secrets: build.secrets,
    ssh: build.ssh,
    noCache: building.work.force || (build.options?.noCache ?? false),
    ...(build.options ? { options: build.options } : {}),
  };
}

export function tellSize({ spec }: ImageWork, input: BuildInput, building: ImageBuilding): void {
  const entries = [...input.entries, ...Object.values(input.beside ?? {}).flat()];
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  tell(building, 'info', `${spec.ref}: building ${entries.length} files, ${(size / 1024).toFixed(0)} KiB of context`);
}

/** `pushed`: its digest in the registry, null where it is still to be pushed; `silent`: its registry answers nobody. */
export interface BuiltHere {
  readonly id: string;
  readonly pushed: string | null;
  readonly silent?: Problem;
}

/**
 * `pushAs`: where it may go at once, null for nowhere. Rejects with the builder's problem, its place being that in the real
 * Dockerfile.
 */
export async function byDocker(
  image: ImageWork,
  input: BuildInput,
  pushAs: string | null,
  building: ImageBuilding,
): Promise<BuiltHere> {
  tellSize(image, input, building);
  const request = { ...requestOf(image, input, building), ...(pushAs === null ? {} : { pushAs }) };
  const log = buildLog(building);
  try {
    const last = await lastValueFrom(building.docker.build(request, building.stop).pipe(tap(log.tell)));
    if (last.is !== 'built') throw new Error('the build ended without an image');
    if (last.pushed !== undefined) tell(building, 'info', `${image.spec.ref}: pushed ${pushAs} as it was built`);
    return { id: last.id, pushed: last.pushed ?? null, ...(last.silent ? { silent: last.silent } : {}) };
  } catch (error) {
    throw located(error, image, input);
  } finally {
    log.end();
  }
}

/** A builder's problem with the place in the real Dockerfile. */
export function located(error: unknown, { spec }: ImageWork, input: BuildInput): unknown {
  if (!isProblemError(error) || spec.build.is !== 'dockerfile') return error;
  const { inline, dockerfile } = spec.build;
  const problem =
    inline === undefined ? onDisk(error.problem, input, dockerfile) : inConfiguration(error.problem, input, spec);
  return new ProblemError(problem.at || problem.kind !== 'yours' ? problem : { ...problem, at: spec.at });
}

/** The builder knows the Dockerfile by its path seen from the context. */
function onDisk(problem: Problem, { dockerfile: seen }: BuildInput, dockerfile: string): Problem {
  const named = { ...problem, what: problem.what.split(seen).join(dockerfile.split('/').at(-1)) };
  return problem.at?.file === seen ? { ...named, at: { ...problem.at, file: dockerfile } } : named;
}

/** Lines are counted as the file of the configuration does, where they are its own. */
function inConfiguration(problem: Problem, { dockerfile: seen }: BuildInput, { at, dockerfileAt }: ImageSpec): Problem {
  const file = at.file.split('/').at(-1) ?? '';
  const pieces = problem.what.split(seen).map((piece, i) => {
    if (i === 0) return piece;
    const [whole = '', line] = /^:(\d+)/.exec(piece) ?? [];
    const place =
      line && dockerfileAt ? `${file}:${Number(line) + dockerfileAt.line - 1}` : `the Dockerfile in ${file}${whole}`;
    return `${place}${piece.slice(whole.length)}`;
  });
  const named = { ...problem, what: pieces.join('') };
  if (problem.at?.file !== seen) return named;
  const place = dockerfileAt ? { ...dockerfileAt, line: dockerfileAt.line + problem.at.line - 1 } : at;
  return { ...named, at: place };
}
