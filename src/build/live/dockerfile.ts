// The Dockerfile of a layer on an existing image. Names of files stand in JSON (exec form), so no shell reads them.
import { limits } from '../../model/limits.ts';
import type { SyncRequest } from '../synclet/request.ts';
import { hollow } from '../synclet/script.ts';

/** $0.. are parents that must be directories, then "--", what is removed, "--", directories removed where no file is left. */
const clear =
  `${hollow}\n` +
  'while [ "$1" != -- ]; do { [ -d "$1" ] && [ ! -L "$1" ]; } || rm -f "$1"; shift; done; shift; ' +
  'while [ "$1" != -- ]; do rm -rf "$1" || exit 1; shift; done; shift; ' +
  'while [ $# -gt 0 ]; do if hollow "$1"; then rm -rf "$1"; fi; shift; done';

/**
 * Files stand below `root/` in the context. `user` is the one of the existing image: files are put there as root, steps
 * run as that user. Null where more is removed than a line of a Dockerfile holds.
 */
export function layerDockerfile(from: string, request: SyncRequest, user: string): string | null {
  const { parents, removes, emptied, entries, runs } = request;
  const clearing = exec('sh', '-c', clear, 'sh', ...parents, '--', ...removes, '--', ...emptied);
  if (clearing.length > limits.dockerfileLine) return null;
  // Only where it must: BuildKit of Docker 20.10 takes no USER where the image has no /etc/passwd.
  const isRoot = ['', '0', 'root'].includes(user);
  const lines = [
    `FROM ${from}`,
    ...(isRoot ? [] : ['USER 0']),
    ...(removes.length > 0 ? [clearing] : []),
    ...(entries.length > 0 ? ['COPY root/ /'] : []),
    ...(isRoot ? [] : [`USER ${user}`]),
    ...runs.map((cmd) => exec('sh', '-c', cmd)),
  ];
  return `${lines.join('\n')}\n`;
}

const exec = (...words: readonly string[]): string => `RUN ${JSON.stringify(words)}`;
