// A context as one archive, which is the quickest way to BuildKit. It has to hold the Dockerfile too, and BuildKit, unlike the
// classic builder, removes nothing of it: where COPY must not see the Dockerfile, BuildKit has to fetch the files by itself.
import type { Readable } from 'node:stream';
import type { DockerBuild } from '../../../model/ports.ts';
import { bytesOfName, isText } from '../../../model/text/raw-name.ts';

export interface ContextArchive {
  readonly body: Readable;
  /** Path of the Dockerfile in it. */
  readonly dockerfile: string;
  /** What COPY sees beside the entries, and why; null as a rule. */
  readonly warning: string | null;
}

/** BuildKit tells an archive by its first 1,024 bytes: a longer name there would need more before the first entry. */
const longestFirst = 100;

/** Null where COPY would see more than the entries. */
export function contextArchive({ context, dockerfile, dockerfileText }: DockerBuild): ContextArchive | null {
  const { entries, mtime, disk, isNamedByDockerfile } = context;
  const own = entries.find(({ path, type }) => path === dockerfile && type === 'file');
  if ((own || isNamedByDockerfile) && bytesOfName(dockerfile).length <= longestFirst) {
    const extra = own ? [] : [{ path: dockerfile, content: dockerfileText }];
    const rest = own ? [own, ...entries.filter((entry) => entry !== own)] : entries;
    return { body: disk.tar(rest, { mtime, extra }), dockerfile, warning: null };
  }
  const raw = entries.find(({ path, target = '' }) => !isText(path) || !isText(target));
  if (!raw) return null;
  const path = unused('.sluice.Dockerfile', entries);
  const warning = `the name of ${raw.path} is no text: BuildKit takes it in an archive alone, where COPY sees the Dockerfile too, as ${path}`;
  return { body: disk.tar(entries, { mtime, extra: [{ path, content: dockerfileText }] }), dockerfile: path, warning };
}

/** A name that no file has. */
export function unused(name: string, entries: readonly { readonly path: string }[]): string {
  const taken = new Set(entries.map(({ path }) => path));
  let free = name;
  while (taken.has(free)) free += '_';
  return free;
}
