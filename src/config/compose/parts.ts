// The Compose project of a configuration: what is read of it, and where problems with its images are told.
import { basename, dirname } from 'node:path';
import type { ComposeService } from '../../model/compose.ts';
import type { Secret } from '../../model/log.ts';
import type { SourcePos } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import type { Variables } from '../environment/expand.ts';
import type { Loading } from '../load-context.ts';
import type { Report } from '../report.ts';
import type { Raw } from '../schema/schema.ts';
import { composeNames } from './files/project.ts';
import { readCompose } from './read.ts';
import { type ComposeParts, imageOfService } from './services.ts';

export interface FoundProject {
  readonly parts: ComposeParts;
  readonly secrets: readonly Secret[];
}

/** `compose.yaml`, `docker-compose.dev.yml` and the like: a configuration of its own. */
export const isComposeFile = (file: string): boolean => /(?:^|[.-])compose(?:[.-].*)?\.ya?ml$/.test(basename(file));

/**
 * `files` are those that sluice.yaml names; null for a Compose file that is the configuration itself. Null where there is none, or
 * where it cannot be used: that is reported. `services` are there whatever profiles are active.
 */
export async function composeOf(
  files: readonly string[] | null,
  file: string,
  env: Variables,
  { disk, reads, report, dir }: Pick<Loading, 'disk' | 'reads' | 'report' | 'dir'>,
  services: readonly string[] = [],
): Promise<FoundProject | null> {
  if (files?.length === 0) return null;
  // By one of the usual names it is found with all that goes with it: an override, or what COMPOSE_FILE says instead.
  const given = files ?? (composeNames.includes(basename(file)) ? [] : [file]);
  const request = { dir: files ? dir : dirname(file), files: given, env, services };
  const found = await readCompose(request, { disk, reads });
  if ('problems' in found) {
    const at = files ? report.at(['compose']) : report.at([]);
    report.put(...found.problems.map((problem) => ({ ...problem, at: problem.at ?? at })));
    return null;
  }
  for (const { code, what, hint = '', at } of found.warnings) report.warnAt(code, what, hint, at ?? report.at([]));
  const secrets = found.values.flatMap(([name, values]) =>
    Object.entries(values).map(([key, value]): Secret => ({ name: basename(name), key, value, isOurs: true })),
  );
  const { project, places, inactive, orphans, files: own } = found;
  const place = { name: project.name, dir: found.dir, files: own, inactive, orphans };
  return { parts: { project, place, at: places, parallel: found.parallel }, secrets };
}

/** Tells of images that services are built from where the service says so, but of what is `written` in sluice.yaml there. */
export function reportOfImages(report: Report, parts: ComposeParts, written: Raw['images'] = {}): Report {
  const { project, at } = parts;
  const owners = new Map(
    Object.entries(project.services).map(([name, service]) => [imageOfService(project.name, name, service), name]),
  );
  const placed = (path: readonly (string | number)[]): SourcePos | null => {
    const [section, ref, ...rest] = path;
    const owner = section === 'images' ? owners.get(String(ref)) : undefined;
    if (owner === undefined || isWritten(String(ref), rest[0])) return null;
    return at(['services', owner, 'build', ...inCompose(rest, lookup(project.services, owner))]);
  };
  const isWritten = (ref: string, key: Way[number] | undefined): boolean => {
    const image = Object.hasOwn(written, ref) ? (written[ref] ?? {}) : null;
    return image !== null && (key === undefined || Object.hasOwn(image, key));
  };
  return {
    ...report,
    at: (path) => placed(path) ?? report.at(path),
    keyAt: (path) => placed(path) ?? report.keyAt(path),
    add: (code, path, what, hint, place) => {
      const where = placed(path);
      if (where) report.put({ kind: 'yours', code, what, ...(hint ? { hint } : {}), at: where });
      else report.add(code, path, what, hint, place);
    },
  };
}

type Way = readonly (string | number)[];

/** A key of an image as `build` of a service has it. */
function inCompose([key, ...rest]: Way, service: ComposeService | undefined): Way {
  if (key === undefined) return [];
  if (key === 'dockerfile' && service?.build?.dockerfile_inline !== undefined) return ['dockerfile_inline'];
  if (key === 'contexts') return ['additional_contexts', ...rest];
  if (key === 'noCacheFilter') return ['no_cache_filter', ...rest];
  if (key === 'cache') return [`cache_${rest[0] ?? 'from'}`, ...rest.slice(1)];
  return [key, ...rest];
}
