// A context as one archive, which is the quickest way to BuildKit. It has to hold the Dockerfile too, and BuildKit, unlike the
// classic builder, removes nothing of it: where COPY must not see the Dockerfile, BuildKit has to fetch the files by itself.
import type { Readable } from 'node:stream';
import type { DockerBuild } from '../../model/ports.ts';
import { bytesOfName } from '../../model/raw-name.ts';

/** BuildKit tells an archive by its first 1,024 bytes: a longer name there would need more before the first entry. */
const longestFirst = 100;

/** Null where COPY would see more than the entries. */
export function contextArchive({ context, dockerfile, dockerfileText }: DockerBuild): Readable | null {
  const { entries, mtime, disk } = context;
  if (bytesOfName(dockerfile).length > longestFirst) return null;
  if (context.isNamedByDockerfile)
    return disk.tar(entries, { mtime, extra: [{ path: dockerfile, content: dockerfileText }] });
  const own = entries.find(({ path, type }) => path === dockerfile && type === 'file');
  return own ? disk.tar([own, ...entries.filter((entry) => entry !== own)], { mtime }) : null;
}
