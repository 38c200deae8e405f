// The Dockerfile of a layer on an existing image. Names of files stand in JSON (exec form), so no shell reads them.
import { limits } from '../../model/limits.ts';
import type { SyncRequest } from './synclet/message.ts';
import { hollow } from './synclet/script.ts';

/** $1.. are links to remove, "--", parents that must be directories, "--", what is removed, "--", directories removed where no file is left. */
const clear =
  `${hollow}\n` +
  'while [ "$1" != -- ]; do [ ! -L "$1" ] || rm -f "$1"; shift; done; shift; ' +
  'while [ "$1" != -- ]; do [ -d "$1" ] || rm -f "$1"; shift; done; shift; ' +
  'while [ "$1" != -- ]; do rm -rf "$1" || exit 1; shift; done; shift; ' +
  'while [ $# -gt 0 ]; do if hollow "$1"; then rm -rf "$1"; fi; shift; done';

/** The archive in the context: unpacked by the builder, it alone keeps owners, and writes through links to directories. */
export const layerArchive = 'layer.tar';

/**
 * Files stand in `layer.tar` in the context. `user` is the one of the existing image: files are put there as root, steps
 * run as that user. Null where more is removed than a line of a Dockerfile holds.
 */
export function layerDockerfile(from: string, request: SyncRequest, hasFiles: boolean, user: string): string | null {
  const { unlinks, parents, removes, emptied, runs } = request;
  const hasToClear = unlinks.length + removes.length + emptied.length > 0;
  const clearing = exec('sh', '-c', clear, 'sh', ...unlinks, '--', ...parents, '--', ...removes, '--', ...emptied);
  if (clearing.length > limits.dockerfileLine) return null;
  // Only where it must: BuildKit of Docker 20.10 takes no USER where the image has no /etc/passwd.
  const isRoot = ['', '0', 'root'].includes(user);
  const lines = [
    `FROM ${from}`,
    ...(isRoot ? [] : ['USER 0']),
    ...(hasToClear ? [clearing] : []),
    ...(hasFiles ? [`ADD ${layerArchive} /`] : []),
    ...(isRoot ? [] : [`USER ${user}`]),
    ...runs.map((cmd) => exec('sh', '-c', cmd)),
  ];
  return `${lines.join('\n')}\n`;
}

const exec = (...words: readonly string[]): string => `RUN ${JSON.stringify(words)}`;
